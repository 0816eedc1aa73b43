// Medians and spreads of a handful of rounds. Pure.

export interface Spread {
  median: number
  min: number
  max: number
  quartile1: number
  quartile3: number
  interval: Interval
}

/** Where the true median lies, with a probability of `level` (0 to 1). */
export interface Interval {
  low: number
  high: number
  level: number
}

/** The `part` (0 to 1) quantile, interpolated linearly between neighbours; NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    min: quantile(values, 0),
    max: quantile(values, 1),
    quartile1: quantile(values, 0.25),
    quartile3: quantile(values, 0.75),
    interval: medianInterval(values),
  }
}

const WANTED_LEVEL = 0.95

/**
 * Of the median, whatever the distribution: between the k-th smallest and the k-th largest value lies the true one unless
 * fewer than k of n fair coins fall on one side. The narrowest with at least 95%; with fewer than six values there is none,
 * and the widest is given with the level that it has.
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b)
  const count = sorted.length
  if (count === 0) return { low: Number.NaN, high: Number.NaN, level: 0 }
  let [tail, term, level, k] = [0, 0.5 ** count, 0, 0]
  // `tail`: the probability of at most k heads.
  for (let heads = 0; heads < Math.floor(count / 2); heads++) {
    tail += term
    if (heads > 0 && 1 - 2 * tail < WANTED_LEVEL) break
    level = 1 - 2 * tail
    k = heads
    term = (term * (count - heads)) / (heads + 1)
  }
  return { low: sorted[k]!, high: sorted[count - 1 - k]!, level }
}

/** Whether 95% or more lies within `part` of the middle, to either side. */
export function isWithin({ low, high, level }: Interval, middle: number, part: number): boolean {
  return level >= WANTED_LEVEL && high <= middle * (1 + part) && low >= middle * (1 - part)
}

/** Round by round `over[i] / under[i]`: what disturbs the machine for a while disturbs both halves of a pair. */
export function pairedRatios(over: readonly number[], under: readonly number[]): number[] {
  const length = Math.min(over.length, under.length)
  return Array.from({ length }, (_, i) => over[i]! / under[i]!)
}
