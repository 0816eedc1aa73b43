// Follows control: takes the snapshot when it has to, then the feed for as long as it lasts, obeys what comes in its order,
// and tells what became of it. Control that is away is asked again, after pauses; the edge serves what it has.
import type { ControlConfig } from '../../config/settings.js'
import { EdgeError } from '../error.js'
import type { Tailed } from '../usage/tap.js'
import { Contact, type ContactStatus } from './contact.js'
import { ControlClient, readAll, refusalOf } from './control-client.js'
import { feedLines } from './feed-lines.js'
import { Harvest } from './harvest.js'
import { type LedEdge, Obedience } from './obedience.js'
import type { LineLog } from './patient-log.js'
import { pause } from './pause.js'
import { Reports } from './reports.js'
import type { EdgeState } from './state.js'
import { Tails } from './tails.js'

export interface FollowerOptions {
  config: ControlConfig
  name: string
  version: string
  state: EdgeState
  usageDirectory: string
  edge: LedEdge
  log: LineLog
}

export interface FollowerStatus extends ContactStatus {
  edge: string
  epoch: number | null
  position: number | null
  revision: number | null
  refused: { revision: number; reasons: readonly string[] } | null
}

const firstDelayMs = 250

export class Follower {
  readonly #options: FollowerOptions
  readonly #client: ControlClient
  readonly #reports: Reports
  readonly #obedience: Obedience
  readonly #harvest: Harvest
  readonly #tails: Tails
  readonly #contact: Contact
  readonly #stopped = new AbortController()
  #caughtUp: (() => void)[] = []
  #isCaughtUp = false
  #ended: Promise<void> = Promise.resolve()

  constructor(options: FollowerOptions) {
    this.#options = options
    const { config, state, edge } = options
    this.#client = new ControlClient(config)
    this.#contact = new Contact(config.url, options.log)
    this.#reports = new Reports({
      edge: state.id,
      receiptsMax: config.receiptsMax,
      send: body => this.#post('/v1/edge/acks', body),
      standing: () => this.#obedience.standing(),
      health: () => edge.health(),
      onFailed: error => this.#reportFailed(error),
    })
    this.#harvest = new Harvest({
      directory: options.usageDirectory,
      edge: state.id,
      send: body => this.#post('/v1/edge/usage', body),
    })
    this.#tails = new Tails({
      edge: state.id,
      send: body => this.#post('/v1/edge/tail', body),
      tap: tails => edge.tap(tails),
    })
    this.#obedience = new Obedience({
      ...{ state, edge, reports: this.#reports, tails: this.#tails },
      log: options.log,
    })
  }

  start(): void {
    this.#ended = this.#follow()
  }

  /** How the edge is has changed. */
  tell(): void {
    this.#reports.tell(true)
  }

  tailed(tailed: Tailed): void {
    this.#tails.take(tailed)
  }

  /** Nothing is obeyed any more when it resolves. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#ended
    this.#client.close()
  }

  /** Resolves with true when everything is obeyed that control knew when it was asked, with false after `timeoutMs`. */
  async catchUp(timeoutMs: number): Promise<boolean> {
    if (!this.#isCaughtUp && timeoutMs > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#caughtUp.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    return this.#isCaughtUp
  }

  get isCaughtUp(): boolean {
    return this.#isCaughtUp
  }

  status(): FollowerStatus {
    const standing = this.#obedience.standing()
    return {
      ...this.#contact.status(),
      edge: this.#options.state.id,
      epoch: standing?.epoch ?? null,
      position: standing?.position ?? null,
      revision: standing?.revision ?? null,
      refused: standing?.refused ?? null,
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped
    let delayMs = firstDelayMs
    while (!signal.aborted) {
      try {
        await this.#session(() => {
          delayMs = firstDelayMs
        })
        this.#contact.lost('control has ended the connection')
      } catch (error) {
        if (!signal.aborted) this.#contact.lost((error as Error).message)
        // Not even then does the edge end.
        if (!(error instanceof EdgeError)) this.#options.log.error({ err: error }, 'following control failed')
      }
      if (signal.aborted) return
      // Edges that lost control together do not come back together.
      await pause(delayMs * (0.5 + Math.random() / 2), signal)
      delayMs = Math.min(delayMs * 2, this.#options.config.reconnectDelayMaxMs)
    }
  }

  async #session(onConnected: () => void): Promise<void> {
    if (this.#obedience.needsSnapshot) await this.#takeSnapshot()
    const response = await this.#openFeed()
    if (response === undefined) return this.#session(onConnected)
    const { healthMs, usageMs } = this.#options.config
    const timers = [
      setInterval(() => this.#reports.tell(true), healthMs),
      setInterval(() => void this.#harvestUsage(), usageMs),
    ]
    let target = Number.POSITIVE_INFINITY
    try {
      for await (const lines of feedLines(response)) {
        this.#contact.heard()
        const [first] = lines
        if (first?.type === 'hello') {
          target = first.position
          this.#contact.found()
          onConnected()
        }
        await this.#obedience.obey(lines)
        if (this.#obedience.position! >= target) this.#caught()
        if (first?.type === 'hello') this.#reports.tell(true)
      }
    } finally {
      timers.forEach(clearInterval)
      response.destroy()
      this.#tails.set([])
    }
  }

  #post(path: string, body: unknown): Promise<unknown> {
    return this.#client.ask({ method: 'POST', path, body, signal: this.#stopped.signal })
  }

  async #harvestUsage(): Promise<void> {
    try {
      await this.#harvest.run()
    } catch (error) {
      if (this.#stopped.signal.aborted) return
      this.#options.log.warn({ err: error }, 'control did not take what sites have used')
    }
  }

  async #takeSnapshot(): Promise<void> {
    const { signal } = this.#stopped
    const snapshot = await this.#client.ask({ method: 'GET', path: '/v1/edge/snapshot', signal })
    await this.#obedience.take(snapshot)
  }

  /** Undefined: what follows cannot be replayed, the snapshot is needed. */
  async #openFeed() {
    const { state, name, version } = this.#options
    const { epoch, position } = this.#obedience.standing()!
    const query = new URLSearchParams({
      edge: state.id,
      name,
      version,
      epoch: `${epoch}`,
      after: `${position}`,
    })
    const { signal } = this.#stopped
    const response = await this.#client.open({ method: 'GET', path: `/v1/edge/feed?${query}`, signal })
    if (response.statusCode === 200) return response
    const text = await readAll(response)
    if (response.statusCode !== 410) throw refusalOf(response.statusCode ?? 0, text)
    await this.#obedience.missed()
    return undefined
  }

  #caught(): void {
    this.#isCaughtUp = true
    for (const resolve of this.#caughtUp) resolve()
    this.#caughtUp = []
  }

  #reportFailed(error: EdgeError): void {
    if (this.#stopped.signal.aborted) return
    this.#options.log.warn({ err: error }, 'control did not take what the edge had to tell')
    // It is of another state of control: the feed will say so as well.
    if (error.status === 410) this.#obedience.needsSnapshot = true
  }
}
