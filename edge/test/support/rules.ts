// Plays of the numbered rules (http-rules.md C to K): an edge with a real store and a raw origin under one fake clock.
// A play is a list of turns, each a request with what is expected of it; all differences of a play are shown together.
import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { openLmdbStore } from '../../cache/lmdb.js'
import { get, type Reply } from './client.js'
import { type FakeClock, fakeClock } from './clock.js'
import { startEdge, type TestEdge, testConfig } from './edge.js'
import { startRawOrigin } from './origin.js'
import { until } from './play.js'
import { answerAs, type Said, says, withDates } from './saying.js'
import { type SettledStore, settledStore } from './settled-store.js'

type Json = Record<string, unknown>

/**
 * `hit`: the origin was not asked. `miss`: it was, and not about what is stored. `validated`: it was, with a condition
 * of ours. `stale`: served past its freshness while the origin is asked behind. `fallback`: the same after the origin
 * failed. `broken`: the answer ended too early. `hangs`: it did not end, which no play expects.
 */
export type Outcome = 'hit' | 'miss' | 'validated' | 'stale' | 'fallback' | 'broken' | 'hangs'

/** A request of a play, and what must come of it. */
export interface Turn extends Expected {
  /** Seconds that pass before it. */
  after?: number
  method?: string
  /** Behind the play's own path, such as `?a` or `/other`. */
  to?: string
  /** `Name: value`, dates as in `Said`; a repeated name is a repeated line. */
  fields?: readonly string[]
  /** What the origin says from now on, if it is asked; of several, each once and the last for good. */
  says?: Said | readonly Said[]
}

/** What must come of a request; what is absent is not looked at. */
interface Expected {
  is?: Outcome
  status?: number
  text?: string
  /** What the body must look like where it cannot be known byte for byte; the body stands in its place when it does not. */
  like?: RegExp
  /** Of the answer, lines of one name joined by `, `; '' when there must be none. */
  has?: Readonly<Record<string, string>>
  /** The same of what the origin was asked last in this play. */
  asked?: Readonly<Record<string, string>>
}

export interface RuleStage {
  readonly clock: FakeClock
  readonly edge: TestEdge
  /** A path of its own for a play that does not go by turns: the origin answers it so, one after the other. */
  path(...said: Said[]): string
  /** How often the origin was asked for a path. */
  askedFor(path: string): number
  /** Resolves when nothing is in progress or on its way into the store. */
  rest(): Promise<void>
  traces(): number
  /** Resolves when the refresh behind a stale answer is over, given the counts from before it. */
  refreshed(path: string, asked: number, traces: number): Promise<void>
  /** One assertion: every turn is as it expects. `todo`: the reason why it cannot be yet. */
  play(t: Test, name: string, turns: Turns, todo?: string): Promise<void>
}

/** A play whose turns name its own path says how they follow from it. */
type Turns = readonly Turn[] | ((path: string) => readonly Turn[])

interface Asked {
  method: string
  fields: string[]
}

/** The requests the origin got in one play, and what it answers. */
interface Script {
  asked: Asked[]
  said: Said[]
}

/** When an answer that does not end is given up; only a fault of the edge makes a play wait for it. */
const hangMs = 10_000

class Stage implements RuleStage {
  readonly scripts = new Map<string, Script>()
  constructor(
    readonly clock: FakeClock,
    readonly edge: TestEdge,
    readonly store: SettledStore,
  ) {}

  path(...said: Said[]): string {
    const path = `/${this.scripts.size}`
    this.scripts.set(path, { asked: [], said })
    return path
  }

  askedFor(path: string): number {
    return this.scripts.get(path)?.asked.length ?? 0
  }

  async rest(): Promise<void> {
    await this.edge.idle()
    await this.store.settled()
  }

  async play(t: Test, name: string, given: Turns, todo?: string): Promise<void> {
    const path = this.path(says(200))
    const turns = typeof given === 'function' ? given(path) : given
    const script = this.scripts.get(path)!
    const observed: Expected[] = []
    for (const turn of turns) {
      observed.push(await this.#take(path, script, turn))
      // Nothing more can be asked of an edge that waits for a client that has left.
      if (observed.at(-1)?.is === 'hangs') break
    }
    t.strictSame(observed, turns.map(expected), name, todo === undefined ? {} : { todo })
  }

  /** The turn as it was: its own expectations with what came instead. */
  async #take(path: string, script: Script, turn: Turn): Promise<Expected> {
    if (turn.says !== undefined) script.said = [turn.says].flat()
    this.clock.tick(turn.after ?? 0)
    const before = script.asked.length
    const traces = this.traces()
    const came = await this.#ask(path, turn)
    const reply = typeof came === 'string' ? undefined : came
    const is = typeof came === 'string' ? came : outcome(came, script.asked.slice(before))
    if (is === 'stale') await this.refreshed(path, before, traces)
    if (is !== 'hangs') await this.edge.idle()
    await this.store.settled()
    return observe(turn, is, reply, script.asked.at(-1))
  }

  /** Writes into the store, and failures that were logged: what a refresh leaves behind. */
  traces(): number {
    return this.store.writes + this.edge.lines.filter(line => line.msg === 'origin failed').length
  }

  async refreshed(path: string, asked: number, traces: number): Promise<void> {
    await until(() => this.askedFor(path) > asked)
    await until(() => this.traces() > traces)
    await this.rest()
  }

  async #ask(path: string, turn: Turn): Promise<Reply | 'broken' | 'hangs'> {
    const headers: Record<string, string | string[]> = { host: 'play.example' }
    for (const line of turn.fields ?? []) {
      const [name, value] = parts(withDates(line, this.clock))
      headers[name] = name in headers && name !== 'host' ? [headers[name], value].flat() : value
    }
    const { method = 'GET', to = '' } = turn
    const agent = new Agent()
    let isHanging = false
    const giveUp = setTimeout(() => {
      isHanging = true
      agent.destroy()
    }, hangMs)
    try {
      return await get(this.edge.port, path + to, { method, headers, agent })
    } catch {
      return isHanging ? 'hangs' : 'broken'
    } finally {
      clearTimeout(giveUp)
    }
  }
}

/** `site` goes over the settings of testConfig. */
export async function ruleStage(t: Test, site: Json = {}): Promise<RuleStage> {
  const clock = fakeClock(t)
  const origin = await startRawOrigin(t, (socket: Socket, head: string) => {
    const [start, ...lines] = head.trimEnd().split('\r\n')
    const [method, target] = start.split(' ')
    const script = stage.scripts.get(/^\/\d+/.exec(target)?.[0] ?? '')
    if (script === undefined) return void socket.destroy()
    script.asked.push({ method, fields: lines.flatMap(parts) })
    const said = script.said.length > 1 ? script.said.shift()! : script.said[0]
    answerAs(said, socket, method, clock, script.asked.length)
  })
  const config = testConfig(t, [origin.url], site)
  const { directory, bytesMax, hotBytesMax, fillBytesMax } = config.cache
  const log = (): void => {}
  const options = { directory, bytesMax, hotBytesMax, writeQueueBytesMax: fillBytesMax, log }
  const store = settledStore(openLmdbStore(options))
  const stage = new Stage(clock, await startEdge(t, config, store), store)
  return stage
}

/** One row: asked, and once more `after` seconds later. */
export type Row = [name: string, lines: string | readonly string[], after: number, is: Outcome, todo?: string]

/** Rows about an answer of this status that is asked for twice. */
export async function rows(t: Test, stage: RuleStage, table: readonly Row[], status = 200): Promise<void> {
  for (const [name, lines, after, is, todo] of table) {
    const said = says(status, lines)
    await stage.play(
      t,
      name,
      [
        { says: said, is: 'miss', status },
        { after, is, status },
      ],
      todo,
    )
  }
}

function parts(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

function linesOf(fields: readonly string[], name: string): string {
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1].toLowerCase() === name).join(', ')
}

/** What Cache-Status says, checked against what the origin was asked meanwhile. */
function outcome(reply: Reply, asked: readonly Asked[]): Outcome {
  const status = linesOf(reply.fields, 'cache-status')
  if (/; hit; ttl=-\d/.test(status)) return 'stale'
  if (/; fwd=\w+; (?:fwd-status=5\d\d; )?ttl=/.test(status)) return 'fallback'
  if (asked.length === 0) return 'hit'
  const isCondition = (_: string, at: number, all: readonly string[]): boolean =>
    at % 2 === 0 && /^if-(?:none-match|modified-since)$/.test(all[at])
  return !/fwd=(?:uri|vary)-miss/.test(status) && asked[0].fields.some(isCondition) ? 'validated' : 'miss'
}

function expected({ is, status, text, like, has, asked }: Turn): Expected {
  const all = { is, status, text, like, has, asked }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function observe(turn: Turn, is: Outcome, reply: Reply | undefined, asked: Asked | undefined): Expected {
  const observed: Expected = {}
  if (turn.is !== undefined) observed.is = is
  if (turn.status !== undefined) observed.status = reply?.status ?? 0
  if (turn.text !== undefined) observed.text = reply?.text ?? ''
  if (turn.like !== undefined) {
    const text = reply?.text ?? ''
    if (turn.like.test(text)) observed.like = turn.like
    else observed.text = text
  }
  if (turn.has !== undefined) observed.has = pick(turn.has, reply?.fields ?? [])
  if (turn.asked !== undefined) observed.asked = pick(turn.asked, asked?.fields ?? [])
  return observed
}

function pick(names: Readonly<Record<string, string>>, fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.keys(names).map(name => [name, linesOf(fields, name)]))
}
