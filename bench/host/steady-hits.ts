// Hits at a fixed rate, whether those before are answered or not: what waits behind a slow one counts.
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { Connection } from '../connection.js'
import { goFirst } from './first.js'

/** As fast as this client can ask without being what is measured. */
const HITS_PER_SECOND = 1_000
const TICK_MS = 1
/** They take turns, so that every worker has its part. */
const CONNECTIONS = 32
const HOST = 'www.bench.example'
/** What has not been answered so long after the last was asked has failed. */
const ANSWER_TIMEOUT_MS = 10_000

export interface Hits {
  /** Of each, milliseconds. */
  taken: number[]
  failures: number
  /** Else what this client waited for its core is in the times. */
  isFirst: boolean
}

/** Each answer has to say its length, as those of `Connection`. */
export async function steadyHits(port: number, path: string, seconds: number): Promise<Hits> {
  // Where nobody listens each request finds that out for itself.
  const opened = Array.from({ length: CONNECTIONS }, () => Connection.open(port).catch(() => undefined))
  const client = new SteadyClient(port, path, await Promise.all(opened))
  const end = goFirst()
  try {
    await askSteadily(client, seconds)
    return { ...(await client.end()), isFirst: end !== undefined }
  } finally {
    end?.()
  }
}

async function askSteadily(client: SteadyClient, seconds: number): Promise<void> {
  const beganMs = performance.now()
  for (let number = 0; number < seconds * HITS_PER_SECOND; number += 1) {
    const dueMs = beganMs + (number * 1_000) / HITS_PER_SECOND
    while (dueMs > performance.now()) await setTimeoutPromise(TICK_MS)
    client.ask()
  }
}

class SteadyClient {
  readonly #port: number
  readonly #request: Buffer
  readonly #all: Set<Connection>
  /** Which has waited longest is the next. */
  readonly #free: (Connection | undefined)[]
  /** When those were asked that no connection is free for. */
  readonly #waitingMs: number[] = []
  readonly #taken: number[] = []
  #failures = 0
  #pending = 0
  #isAnswered: () => void = () => {}

  constructor(port: number, path: string, connections: readonly (Connection | undefined)[]) {
    this.#port = port
    this.#request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`, 'latin1')
    this.#all = new Set(connections.filter(connection => connection !== undefined))
    this.#free = [...connections]
  }

  ask(): void {
    this.#pending += 1
    if (this.#free.length === 0) this.#waitingMs.push(performance.now())
    else this.#send(this.#free.shift(), performance.now())
  }

  async end(): Promise<Omit<Hits, 'isFirst'>> {
    const late = new AbortController()
    const answered = new Promise<void>(resolve => {
      this.#isAnswered = resolve
    })
    const patience = setTimeoutPromise(ANSWER_TIMEOUT_MS, undefined, late).catch(() => {})
    if (this.#pending > 0) await Promise.race([answered, patience])
    late.abort()
    for (const connection of this.#all) connection.close()
    return { taken: this.#taken, failures: this.#failures + this.#pending }
  }

  #send(connection: Connection | undefined, askedMs: number): void {
    if (!connection?.isOpen) return void this.#sendAnew(connection, askedMs)
    connection.ask(this.#request, status => {
      if (status === 200) this.#taken.push(performance.now() - askedMs)
      else this.#failures += 1
      this.#finish(connection)
    })
  }

  /** A server may end a connection that it has answered on; that costs its client the time for another. */
  async #sendAnew(closed: Connection | undefined, askedMs: number): Promise<void> {
    try {
      const connection = await Connection.open(this.#port)
      if (closed !== undefined) this.#all.delete(closed)
      this.#all.add(connection)
      this.#send(connection, askedMs)
    } catch {
      // Counted, as every other that is not answered.
      this.#failures += 1
      this.#finish(closed)
    }
  }

  #finish(connection: Connection | undefined): void {
    this.#pending -= 1
    if (this.#pending === 0) this.#isAnswered()
    const askedMs = this.#waitingMs.shift()
    if (askedMs === undefined) this.#free.push(connection)
    else this.#send(connection, askedMs)
  }
}
