// Medians and spreads of a handful of rounds. Pure.

export interface Spread {
  median: number
  min: number
  max: number
  quartile1: number
  quartile3: number
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
  }
}

/** Round by round `over[i] / under[i]`: what disturbs the machine for a while disturbs both halves of a pair. */
export function pairedRatios(over: readonly number[], under: readonly number[]): number[] {
  const length = Math.min(over.length, under.length)
  return Array.from({ length }, (_, i) => over[i]! / under[i]!)
}
