// What a workshop has done since it began: jobs by kind and outcome, and their time.
import { isUpgrade, kindOf, type Outcome, type Work } from './job.js'

/** Plain totals, but for `queued` and `running`: levels. */
export interface Totals {
  queued: number
  running: number
  /** By `KIND OUTCOME`, such as `br made`; `br improved`: made anew, and better. */
  jobs: Record<string, number>
  /** By kind, such as `br`: in the threads. */
  milliseconds: Record<string, number>
}

export class WorkshopCounts {
  readonly #jobs: Record<string, number> = {}
  readonly #milliseconds: Record<string, number> = {}

  note(work: Work, outcome: Outcome): void {
    const name = `${kindOf(work)} ${outcome === 'made' && isUpgrade(work) ? 'improved' : outcome}`
    this.#jobs[name] = (this.#jobs[name] ?? 0) + 1
  }

  took(work: Work, milliseconds: number): void {
    const kind = kindOf(work)
    this.#milliseconds[kind] = (this.#milliseconds[kind] ?? 0) + milliseconds
  }

  totals(): Pick<Totals, 'jobs' | 'milliseconds'> {
    return { jobs: { ...this.#jobs }, milliseconds: { ...this.#milliseconds } }
  }
}
