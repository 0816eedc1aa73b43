// What an edge has to tell control: how far it has come and what it did, always the whole of it, so that nothing depends on
// what arrived before. One request at a time; what comes meanwhile goes with the next.
import type { EdgeError } from '../error.js'

export interface Receipt {
  readonly sequence: number
  readonly state: 'applied' | 'refused'
  readonly localSequence: number | null
  readonly reasons: readonly string[]
}

export interface CountReport {
  readonly id: string
  readonly entries: number
  readonly scanned: number
  readonly complete: boolean
  readonly reasons: readonly string[]
}

export interface Standing {
  readonly epoch: number
  readonly position: number
  /** Of the sites that are served; null: none of control's. */
  readonly revision: number | null
  readonly refused: { readonly revision: number; readonly reasons: readonly string[] } | null
}

export interface ReportsOptions {
  edge: string
  receiptsMax: number
  /** Rejects with an EdgeError. */
  send(body: unknown): Promise<unknown>
  standing(): Standing | undefined
  /** Undefined while there is nothing to say of it. */
  health(): Promise<unknown>
  /** Told once for each that failed. */
  onFailed(error: EdgeError): void
}

const receiptsAtOnce = 1_000
const countsAtOnce = 100

export class Reports {
  readonly #options: ReportsOptions
  #receipts: Receipt[] = []
  #counts: CountReport[] = []
  #isWanted = false
  #hasHealth = false
  #sending: Promise<void> | undefined
  /** Receipts that control will have to infer. */
  dropped = 0

  constructor(options: ReportsOptions) {
    this.#options = options
  }

  receipts(receipts: readonly Receipt[]): void {
    this.#receipts.push(...receipts)
    const over = this.#receipts.length - this.#options.receiptsMax
    if (over <= 0) return
    this.#receipts.splice(0, over)
    this.dropped += over
  }

  count(report: CountReport): void {
    if (this.#counts.length < countsAtOnce) this.#counts.push(report)
    this.tell()
  }

  /** How things are now; `health`: with how the edge is. */
  tell(health = false): void {
    this.#isWanted = true
    this.#hasHealth ||= health
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
  }

  async #send(): Promise<void> {
    while (this.#isWanted) {
      const standing = this.#options.standing()
      if (standing === undefined) return
      this.#isWanted = false
      const receipts = this.#receipts.slice(0, receiptsAtOnce)
      const counts = this.#counts.slice(0, countsAtOnce)
      const health = this.#hasHealth ? { health: await this.#options.health() } : {}
      this.#hasHealth = false
      try {
        await this.#options.send({ edge: this.#options.edge, ...standing, receipts, counts, ...health })
      } catch (error) {
        // What was to be told waits for the next time that there is a reason to tell something.
        this.#options.onFailed(error as EdgeError)
        return
      }
      const told = new Set<unknown>([...receipts, ...counts])
      this.#receipts = this.#receipts.filter(receipt => !told.has(receipt))
      this.#counts = this.#counts.filter(count => !told.has(count))
      if (this.#receipts.length > 0) this.#isWanted = true
    }
  }
}
