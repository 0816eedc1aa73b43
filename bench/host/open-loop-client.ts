// Requests at a fixed rate over kept connections. A request that cannot be sent when it is due, as all connections wait for
// answers, is late, and that counts: what a client feels is measured, not what the server does (no coordinated omission).
import { build, type Histogram } from 'hdr-histogram-js'
import { requestFor } from '../ask-many.js'
import { Connection } from '../connection.js'

export interface OpenLoop {
  port: number
  target: string
  requestsPerSecond: number
  seconds: number
  connections: number
  /** At the same rate before that, without being counted: code that runs for the first time is slower, here too. */
  warmUpSeconds: number
}

export interface Latencies {
  requests: number
  /** Answers that were not 200, and requests that were not answered at all. */
  failures: number
  /** [part of the requests, milliseconds], ascending. */
  points: [number, number][]
  /** How late this client was where a connection was free, 99% of the requests: the error of the measurement. */
  lagMs: number
}

const MICROSECONDS_MAX = 60_000_000
const PARTS = [0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1]
/** After the last request was due nothing is waited for longer. */
const PATIENCE_MS = 5_000

interface Slot {
  connection: Connection
  /** Of the request that is on its way. */
  dueMs: number
  isCounted: boolean
  /** One for each connection, not one for each request. */
  onAnswer: (status: number) => void
}

export async function runOpenLoop(options: OpenLoop): Promise<Latencies> {
  const { port, connections } = options
  const slots = await Promise.all(
    Array.from({ length: connections }, async (): Promise<Slot> => {
      return { connection: await Connection.open(port), dueMs: 0, isCounted: false, onAnswer: () => {} }
    }),
  )
  try {
    return await new Promise(resolve => new Loop(options, slots, resolve).turn())
  } finally {
    for (const { connection } of slots) connection.close()
  }
}

function histogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MICROSECONDS_MAX,
    numberOfSignificantValueDigits: 3,
  })
}

/** Turns without a pause: a timer of this platform is a millisecond late. It takes a core of its own. */
class Loop {
  readonly #options: OpenLoop
  readonly #request: Buffer
  readonly #free: Slot[]
  readonly #taken = histogram()
  readonly #lag = histogram()
  readonly #done: (latencies: Latencies) => void
  readonly #beganMs = performance.now()
  /** The first of all. */
  readonly #uncounted: number
  readonly #total: number
  #sent = 0
  #answered = 0
  #failures = 0
  /** No connection has been free since the request that is due next was due. */
  #isBehind = false

  constructor(options: OpenLoop, slots: readonly Slot[], done: (latencies: Latencies) => void) {
    this.#options = options
    this.#request = requestFor(options)
    this.#done = done
    const { requestsPerSecond, seconds, warmUpSeconds } = options
    this.#uncounted = Math.round(requestsPerSecond * warmUpSeconds)
    this.#total = this.#uncounted + Math.round(requestsPerSecond * seconds)
    this.#free = [...slots]
    for (const slot of slots) slot.onAnswer = status => this.#take(slot, status)
  }

  readonly turn = (): void => {
    const nowMs = performance.now()
    const { requestsPerSecond, seconds, warmUpSeconds } = this.#options
    while (this.#sent < this.#total) {
      const dueMs = this.#beganMs + (this.#sent * 1_000) / requestsPerSecond
      if (dueMs > nowMs) break
      const slot = this.#free.pop()
      if (slot === undefined) {
        this.#isBehind = true
        break
      }
      slot.isCounted = this.#sent >= this.#uncounted
      if (!this.#isBehind && slot.isCounted) this.#lag.recordValue(microseconds(performance.now() - dueMs))
      this.#isBehind = false
      slot.dueMs = dueMs
      this.#sent += 1
      slot.connection.ask(this.#request, slot.onAnswer)
    }
    const isLate = nowMs > this.#beganMs + (warmUpSeconds + seconds) * 1_000 + PATIENCE_MS
    if (this.#answered < this.#total && !isLate) setImmediate(this.turn)
    else this.#done(this.#latencies())
  }

  #take(slot: Slot, status: number): void {
    this.#answered += 1
    if (status !== 200) this.#failures += 1
    if (slot.isCounted) this.#taken.recordValue(microseconds(performance.now() - slot.dueMs))
    // A connection that has ended serves no further request: those that remain have to do.
    if (slot.connection.isOpen) this.#free.push(slot)
  }

  #latencies(): Latencies {
    const at = (part: number) => this.#taken.getValueAtPercentile(part * 100) / 1_000
    return {
      requests: this.#total - this.#uncounted,
      failures: this.#failures + this.#total - this.#answered,
      points: PARTS.map(part => [part, at(part)]),
      lagMs: this.#lag.getValueAtPercentile(99) / 1_000,
    }
  }
}

function microseconds(ms: number): number {
  return Math.min(Math.max(Math.round(ms * 1_000), 1), MICROSECONDS_MAX)
}
