// Follows control: takes the snapshot when it has to, then the feed for as long as it lasts, obeys what comes in its order,
// and tells what became of it. Control that is away is asked again, after pauses; the edge serves what it has.
import type { ControlConfig } from '../../config/settings.js'
import { EdgeError } from '../error.js'
import { ControlClient, readAll, refusalOf } from './control-client.js'
import { feedLines } from './feed-lines.js'
import { Harvest } from './harvest.js'
import { type LedEdge, Obedience } from './obedience.js'
import type { LineLog } from './patient-log.js'
import { pause } from './pause.js'
import { Reports } from './reports.js'
import type { EdgeState } from './state.js'

export interface FollowerOptions {
  config: ControlConfig
  name: string
  version: string
  state: EdgeState
  usageDirectory: string
  edge: LedEdge
  log: LineLog
}

export interface FollowerStatus {
  url: string
  state: 'connected' | 'connecting'
  /** In this state. */
  sinceMs: number
  /** Since control was heard last; null: never. */
  heardAgoMs: number | null
  /** Why it is not connected. */
  why: string | null
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
  readonly #stopped = new AbortController()
  #caughtUp: (() => void)[] = []
  #isCaughtUp = false
  #isConnected = false
  #sinceMs = performance.now()
  #heardMs: number | undefined
  #why: string | null = null
  #ended: Promise<void> = Promise.resolve()

  constructor(options: FollowerOptions) {
    this.#options = options
    const { config, state, edge } = options
    this.#client = new ControlClient(config)
    this.#reports = new Reports({
      edge: state.id,
      receiptsMax: config.receiptsMax,
      send: body =>
        this.#client.ask({ method: 'POST', path: '/v1/edge/acks', body, signal: this.#stopped.signal }),
      standing: () => this.#obedience.standing(),
      health: () => edge.health(),
      onFailed: error => this.#reportFailed(error),
    })
    this.#harvest = new Harvest({
      directory: options.usageDirectory,
      edge: state.id,
      send: body =>
        this.#client.ask({ method: 'POST', path: '/v1/edge/usage', body, signal: this.#stopped.signal }),
    })
    this.#obedience = new Obedience({ state, edge, reports: this.#reports, log: options.log })
  }

  start(): void {
    this.#ended = this.#follow()
  }

  /** How the edge is has changed. */
  tell(): void {
    this.#reports.tell(true)
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
    const { state, config } = this.#options
    const standing = this.#obedience.standing()
    const nowMs = performance.now()
    return {
      url: config.url,
      state: this.#isConnected ? 'connected' : 'connecting',
      sinceMs: Math.round(nowMs - this.#sinceMs),
      heardAgoMs: this.#heardMs === undefined ? null : Math.round(nowMs - this.#heardMs),
      why: this.#why,
      edge: state.id,
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
        this.#lost('control has ended the connection')
      } catch (error) {
        if (!signal.aborted) this.#lost((error as Error).message)
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
        this.#heardMs = performance.now()
        const [first] = lines
        if (first?.type === 'hello') {
          target = first.position
          this.#connected()
          onConnected()
        }
        await this.#obedience.obey(lines)
        if (this.#obedience.position! >= target) this.#caught()
        if (first?.type === 'hello') this.#reports.tell(true)
      }
    } finally {
      timers.forEach(clearInterval)
      response.destroy()
    }
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

  #connected(): void {
    this.#isConnected = true
    this.#sinceMs = performance.now()
    this.#why = null
    this.#options.log.info({ url: this.#options.config.url }, 'control is there')
  }

  /** Said once for each reason, not at each try. */
  #lost(why: string): void {
    if (this.#isConnected) this.#sinceMs = performance.now()
    if (this.#why !== why) {
      const { url } = this.#options.config
      this.#options.log.warn({ url, why }, 'control is away: the edge serves what it has')
    }
    this.#isConnected = false
    this.#why = why
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
