// How many second tries a site may make: a share of its requests and a few more, so that an origin that fails is not
// asked twice as much as one that does not. Pure; what may be tried again at all is ask.ts's.

export interface RetryBudgetOptions {
  /** Of all requests, how many may be tried again. */
  budgetPercent: number
  /** These are always allowed, each second: a site with few requests has a budget, too. */
  budgetMin: number
}

/** What is saved up in quiet times is as much as this time gives. */
const savedSeconds = 10
const aTry = 100

export class RetryBudget {
  /** In hundredths of a try, like all that follows: sums of whole numbers are exact. */
  readonly #perRequest: number
  readonly #perSecond: number
  #saved: number
  #lastMs: number

  /** Times are of the monotonic clock. */
  constructor({ budgetPercent, budgetMin }: RetryBudgetOptions, nowMs: number) {
    this.#perRequest = budgetPercent
    this.#perSecond = budgetMin * aTry
    this.#saved = this.#perSecond
    this.#lastMs = nowMs
  }

  /** A first try is made: it earns its share. */
  earn(): void {
    this.#saved += this.#perRequest
  }

  /** Whether one more may be tried again now; then it is paid for. */
  spend(nowMs: number): boolean {
    const seconds = Math.max(0, nowMs - this.#lastMs) / 1_000
    this.#lastMs = nowMs
    // Of what requests earn as much is kept as of the rest, and at least what a busy second earns.
    const most = savedSeconds * Math.max(this.#perSecond, this.#perRequest * 100)
    this.#saved = Math.min(most, this.#saved + seconds * this.#perSecond)
    if (this.#saved < aTry) return false
    this.#saved -= aTry
    return true
  }
}
