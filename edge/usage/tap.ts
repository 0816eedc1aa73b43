// Requests as they are answered, for who watches from afar: those that he asked for, never more than can be sent, and no cost
// but a look where nobody does.
import { performance } from 'node:perf_hooks'
import type { Exchange } from '../exchange.js'
import { cutText } from './log.js'
import { type Privacy, shownAddress, shownTarget } from './privacy.js'

/** What somebody wants to see; null: any. */
export interface Tail {
  readonly id: string
  readonly sites: readonly string[] | null
  /** `404`, or a class such as `5xx`. */
  readonly status: string | null
  /** A word of `Result`. */
  readonly cacheStatus: string | null
  /** What the path begins with. */
  readonly path: string | null
  readonly samplePercent: number
}

export interface TailedLine {
  /** Ids of those who want to see it. */
  readonly tails: readonly string[]
  /** RFC 3339, UTC: when it was accepted. */
  readonly at: string
  readonly site: string
  readonly client: string
  readonly method: string
  readonly host: string
  readonly target: string
  readonly status: number
  readonly cacheStatus: string
  readonly detail: string | null
  readonly bytesOut: number
  /** null: nobody took the time. */
  readonly durationMs: number | null
  readonly completed: boolean
}

export interface Tailed {
  readonly lines: readonly TailedLine[]
  /** That there was no room for. */
  readonly dropped: number
}

/** Lines of one batch; what comes beyond it is counted. */
const linesMax = 200
const batchMs = 100

export class Tap {
  readonly #tails: readonly Tail[]
  readonly #send: (tailed: Tailed) => void
  readonly #privacy: Privacy
  readonly #random: () => number
  #lines: TailedLine[] = []
  #dropped = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    tails: readonly Tail[],
    send: (tailed: Tailed) => void,
    privacy: Privacy,
    random: () => number = Math.random,
  ) {
    this.#privacy = privacy
    this.#tails = tails
    this.#send = send
    this.#random = random
  }

  offer(x: Exchange, completed: boolean): void {
    const wanting = this.#tails.filter(tail => this.#wants(tail, x))
    if (wanting.length === 0) return
    this.#timer ??= setTimeout(() => this.#flush(), batchMs).unref()
    if (this.#lines.length >= linesMax) this.#dropped += 1
    else
      this.#lines.push(
        lineOf(
          x,
          wanting.map(({ id }) => id),
          completed,
          this.#privacy,
        ),
      )
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #wants({ sites, status, cacheStatus, path, samplePercent }: Tail, x: Exchange): boolean {
    if (x.site === undefined || (sites !== null && !sites.includes(x.site.name))) return false
    if (status !== null && status !== `${x.status}` && status !== `${Math.floor(x.status / 100)}xx`)
      return false
    if (cacheStatus !== null && cacheStatus !== x.result) return false
    if (path !== null && !x.target.startsWith(path)) return false
    return samplePercent >= 100 || this.#random() * 100 < samplePercent
  }

  #flush(): void {
    this.#timer = undefined
    const tailed = { lines: this.#lines, dropped: this.#dropped }
    this.#lines = []
    this.#dropped = 0
    this.#send(tailed)
  }
}

function lineOf(x: Exchange, tails: readonly string[], completed: boolean, privacy: Privacy): TailedLine {
  const { startedMs, responder } = x
  return {
    tails,
    at: new Date(x.nowMs).toISOString(),
    site: x.site!.name,
    client: shownAddress(x.clientAddress, privacy),
    method: cutText(x.method, 128),
    host: x.host,
    target: cutText(shownTarget(x.target, privacy)),
    status: x.status,
    cacheStatus: x.result,
    detail: x.detail || null,
    bytesOut: responder.headBytesOut + responder.bodyBytesOut,
    durationMs: startedMs === 0 ? null : Math.round((performance.now() - startedMs) * 1_000) / 1_000,
    completed,
  }
}
