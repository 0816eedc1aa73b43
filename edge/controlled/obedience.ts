// What an edge does with what control says, in the order in which it was said: sites are served, or refused with their
// reasons and the last good ones kept; purges are put into force. How far it has come is kept when it has been done.
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { EdgeError } from '../error.js'
import type { Tail } from '../usage/tap.js'
import type { FeedLine } from './feed-lines.js'
import type { LineLog } from './patient-log.js'
import type { CountReport, Receipt, Reports, Standing } from './reports.js'
import type { EdgeState, LastGood } from './state.js'
import type { Tails } from './tails.js'

export type RawSite = Readonly<Record<string, unknown>>
export interface PurgeBody {
  readonly kind: string
  readonly site?: string
  readonly items?: readonly string[]
  readonly soft?: boolean
}

/** The edge that is led. None of these rejects but for what must not happen. */
export interface LedEdge {
  /** Serves these sites from now on; the reasons why it does not, none when it does. */
  serve(sites: readonly RawSite[]): Promise<readonly string[]>
  /** Its own number of the purge, or why not. `willPass`: the same may be asked again. */
  purge(body: PurgeBody): Promise<{ sequence: number } | { reasons: readonly string[]; willPass: boolean }>
  count(body: PurgeBody): Promise<Omit<CountReport, 'id'>>
  /** Shows requests to these. */
  tap(tails: readonly Tail[]): void
  health(): Promise<unknown>
}

export interface ObedienceOptions {
  state: EdgeState
  edge: LedEdge
  reports: Reports
  tails: Pick<Tails, 'set'>
  log: LineLog
}

type PurgeLine = Extract<FeedLine, { type: 'purge' }>
type SiteLine = Extract<FeedLine, { type: 'site' }>

const integer = Type.Integer({ minimum: 0 })
const snapshotForm = Type.Object({
  epoch: integer,
  position: integer,
  revision: integer,
  sites: Type.Array(Type.Object({ name: Type.String() })),
})

/** Purges that are put into force at once. */
const purgesAtOnce = 64

export class Obedience {
  readonly #options: ObedienceOptions
  /** What control wants, by name. */
  #wanted: Map<string, RawSite>
  #epoch: number | undefined
  #position: number | undefined
  #revision: number | null
  #refused: Standing['refused'] = null
  needsSnapshot: boolean
  /** Of the feed: up to there `#wanted` is what control wants. */
  #sitesPosition: number
  /** Everything stored is purged softly, for what may have been missed. */
  #isValidated = false
  #isKept = true

  constructor(options: ObedienceOptions) {
    this.#options = options
    const { lastGood, heard } = options.state
    this.#wanted = mapOf(lastGood?.sites ?? [])
    this.#epoch = heard?.epoch
    this.#position = heard?.position
    this.#revision = lastGood?.revision ?? null
    this.#sitesPosition = lastGood?.position ?? 0
    const isWhole = lastGood !== undefined && !lastGood.isBehind && heard?.epoch === lastGood.epoch
    this.needsSnapshot = !isWhole
  }

  get position(): number | undefined {
    return this.#position
  }

  standing(): Standing | undefined {
    if (this.#epoch === undefined || this.#position === undefined) return undefined
    return { epoch: this.#epoch, position: this.#position, revision: this.#revision, refused: this.#refused }
  }

  /** `value`: as control answered. Rejects with an EdgeError when it is no snapshot. */
  async take(value: unknown): Promise<void> {
    if (!Check(snapshotForm, value))
      throw new EdgeError('control-broken', 'the snapshot is not what it should be', {
        source: 'edge',
        status: 503,
      })
    const { epoch, position, revision, sites } = value
    const { heard, lastGood } = this.#options.state
    if (heard === undefined && lastGood !== undefined && !this.#isValidated) await this.missed()
    this.#epoch = epoch
    this.#wanted = mapOf(sites)
    await this.#serve(revision, position)
    // Purges are in the feed alone: who has not heard those up to there follows from where he was.
    const isFurther = heard !== undefined && heard.epoch === epoch && heard.position < position
    this.#position = isFurther ? heard.position : position
    this.#keep()
    this.needsSnapshot = false
    this.#isValidated = false
  }

  /** Purges may be lost: everything that is stored is validated before it is used again. */
  async missed(): Promise<void> {
    const { state, edge, log } = this.#options
    log.warn('purges may have been missed: everything stored is purged softly')
    const purged = await edge.purge({ kind: 'all', soft: true })
    if ('reasons' in purged) throw waits(purged.reasons)
    state.forgetHeard()
    this.#isValidated = true
    this.needsSnapshot = true
  }

  /** What has come together, in its order; sites behind each other are served once. */
  async obey(lines: readonly FeedLine[]): Promise<void> {
    for (const run of runsOf(lines)) {
      const [first] = run
      switch (first!.type) {
        case 'site':
          await this.#serveLines(run as SiteLine[])
          break
        case 'purge':
          await this.#purgeLines(run as PurgeLine[])
          break
        case 'count':
          for (const line of run) void this.#count(line as Extract<FeedLine, { type: 'count' }>)
          break
        case 'tails':
          this.#options.tails.set((run.at(-1) as Extract<FeedLine, { type: 'tails' }>).tails)
          break
        case 'hello':
        case 'beat':
          break
      }
    }
  }

  async #serveLines(lines: readonly SiteLine[]): Promise<void> {
    const newer = lines.filter(({ position }) => position > this.#sitesPosition)
    for (const { name, config } of newer) {
      if (config === null) this.#wanted.delete(name)
      else this.#wanted.set(name, { ...config, name })
    }
    const { revision, position } = lines.at(-1)!
    if (newer.length > 0) await this.#serve(revision, position)
    this.#advance(position)
  }

  async #serve(revision: number, position: number): Promise<void> {
    const { edge, log, state } = this.#options
    const sites = [...this.#wanted.values()]
    this.#sitesPosition = position
    const reasons = await edge.serve(sites)
    if (reasons.length === 0) {
      this.#revision = revision
      this.#refused = null
      this.#keepSites({ epoch: this.#epoch!, revision, position, sites, isBehind: false })
    } else {
      this.#refused = { revision, reasons: reasons.slice(0, reasonsMax) }
      log.error({ revision, reasons }, 'sites of control were refused: the last good ones stay')
      if (state.lastGood !== undefined) this.#keepSites({ ...state.lastGood, isBehind: true })
    }
  }

  async #purgeLines(lines: readonly PurgeLine[]): Promise<void> {
    for (let at = 0; at < lines.length; at += purgesAtOnce) {
      const some = lines.slice(at, at + purgesAtOnce)
      this.#options.reports.receipts(await Promise.all(some.map(line => this.#purge(line))))
      this.#advance(some.at(-1)!.position)
    }
  }

  /** One that cannot be put into force now can be in a moment: what follows waits. */
  async #purge(line: PurgeLine): Promise<Receipt> {
    const { edge, log } = this.#options
    const { position: sequence, id } = line
    const result = await edge.purge(bodyOf(line))
    if ('sequence' in result)
      return { sequence, state: 'applied', localSequence: result.sequence, reasons: [] }
    const { reasons, willPass } = result
    if (willPass) throw waits(reasons)
    log.error({ id, reasons }, 'a purge of control was refused')
    return { sequence, state: 'refused', localSequence: null, reasons: reasons.slice(0, reasonsMax) }
  }

  async #count({ id, ...line }: Extract<FeedLine, { type: 'count' }>): Promise<void> {
    this.#options.reports.count({ id, ...(await this.#options.edge.count(bodyOf(line))) })
  }

  #advance(position: number): void {
    this.#position = position
    this.#options.reports.tell()
    this.#keep()
  }

  #keep(): void {
    const heard = { epoch: this.#epoch!, position: this.#position! }
    this.#soundly(() => this.#options.state.keepHeard(heard))
  }

  #keepSites(lastGood: LastGood): void {
    this.#soundly(() => this.#options.state.keepSites(lastGood))
  }

  /** A full disk is no reason not to obey: after a restart what was not kept is heard again. */
  #soundly(keep: () => void): void {
    try {
      keep()
      this.#isKept = true
    } catch (error) {
      if (this.#isKept) this.#options.log.error({ err: error }, 'what control says cannot be kept')
      this.#isKept = false
    }
  }
}

const reasonsMax = 100

function waits(reasons: readonly string[]): EdgeError {
  return new EdgeError('purge-waits', reasons.join('; '), { source: 'edge', status: 503, retry: true })
}

function bodyOf({ kind, site, items, soft }: Omit<PurgeLine, 'id' | 'position' | 'type'>): PurgeBody {
  return { kind, ...(site !== null && { site }), ...(items.length > 0 && { items }), soft }
}

function mapOf(sites: readonly RawSite[]): Map<string, RawSite> {
  return new Map(sites.map(site => [String(site.name), site]))
}

/** Lines of one type that follow each other. */
function runsOf(lines: readonly FeedLine[]): FeedLine[][] {
  const runs: FeedLine[][] = []
  for (const line of lines) {
    const last = runs.at(-1)
    if (last !== undefined && last[0]?.type === line.type) last.push(line)
    else runs.push([line])
  }
  return runs
}
