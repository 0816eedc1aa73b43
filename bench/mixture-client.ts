// Requests that differ, as fast as their answers come: each connection asks for the next of the list when it has its answer.
// wrk would have to make a string of each request anew, which is more work than serving it.
import { build } from 'hdr-histogram-js'
import { requestFor, type Wanted } from './ask-many.js'
import { Connection } from './connection.js'
import type { LoadResult } from './load.js'

export interface MixtureLoad {
  port: number
  /** `TARGET`, or `TARGET<tab>FIELD: VALUE`; a target that ends with `@` becomes one that was never asked for. */
  lines: readonly string[]
  /** Where in the list it begins, and what makes new targets new: another one each time against one server. */
  run: number
  connections: number
  seconds: number
}

const MICROSECONDS_MAX = 60_000_000
/** Between the beginnings of two runs in the list; a prime, so that they are spread. */
const STRIDE = 7_919
/** What is on its way at the end is waited for so long. */
const PATIENCE_MS = 5_000

export async function runMixture(options: MixtureLoad): Promise<LoadResult> {
  const { port, connections } = options
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)))
  try {
    return await new Mixture(options).run(open)
  } finally {
    for (const connection of open) connection.close()
  }
}

class Mixture {
  readonly #options: MixtureLoad
  /** Made beforehand, but for what is to be new. */
  readonly #requests: (Buffer | undefined)[]
  readonly #taken = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MICROSECONDS_MAX,
    numberOfSignificantValueDigits: 3,
  })
  readonly #result = { requests: 0, socketErrors: 0, badAnswers: 0 }
  #at: number
  #new = 0
  #endsAtMs = 0

  constructor(options: MixtureLoad) {
    const { lines, run } = options
    this.#options = options
    this.#requests = lines.map(line => (isNew(line) ? undefined : requestFor(wantedOf(line))))
    this.#at = (run * STRIDE) % lines.length
  }

  async run(connections: readonly Connection[]): Promise<LoadResult> {
    const beganMs = performance.now()
    this.#endsAtMs = beganMs + this.#options.seconds * 1_000
    let late: NodeJS.Timeout | undefined
    const patience = new Promise<void>(resolve => {
      late = setTimeout(resolve, this.#options.seconds * 1_000 + PATIENCE_MS)
    })
    await Promise.race([Promise.all(connections.map(connection => this.#work(connection))), patience])
    clearTimeout(late)
    const ms = (part: number) => this.#taken.getValueAtPercentile(part) / 1_000
    return {
      ...this.#result,
      requestsPerSecond: (this.#result.requests * 1_000) / (performance.now() - beganMs),
      latency: { p50: ms(50), p99: ms(99), p999: ms(99.9) },
    }
  }

  #work(connection: Connection): Promise<void> {
    return new Promise(resolve => {
      let askedMs = 0
      const ask = (): void => {
        askedMs = performance.now()
        if (askedMs >= this.#endsAtMs) return resolve()
        connection.ask(this.#next(), take)
      }
      const take = (status: number): void => {
        // Nothing more can be asked on it: those that remain have to do.
        if (status === 0) {
          this.#result.socketErrors += 1
          return resolve()
        }
        this.#result.requests += 1
        if (status >= 400) this.#result.badAnswers += 1
        const micros = Math.round((performance.now() - askedMs) * 1_000)
        this.#taken.recordValue(Math.min(Math.max(micros, 1), MICROSECONDS_MAX))
        ask()
      }
      ask()
    })
  }

  #next(): Buffer {
    const { lines, run } = this.#options
    const at = this.#at
    this.#at = (at + 1) % lines.length
    const request = this.#requests[at]
    if (request !== undefined) return request
    this.#new += 1
    const wanted = wantedOf(lines[at]!)
    return requestFor({ ...wanted, target: `${wanted.target.slice(0, -1)}${run}-${this.#new}` })
  }
}

function isNew(line: string): boolean {
  return wantedOf(line).target.endsWith('@')
}

function wantedOf(line: string): Wanted {
  const [target, field] = line.split('\t')
  if (field === undefined) return { target: target! }
  const colon = field.indexOf(': ')
  return { target: target!, fields: { [field.slice(0, colon)]: field.slice(colon + 2) } }
}
