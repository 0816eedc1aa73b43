// The objects of scenario `mixed`: as many, as large and as often asked for as those of a site. Pure, and the same in
// every process, as the origin makes them and the load asks for parts of them.

export const OBJECTS = 50_000
/** Log-normal, as sizes of web objects are: half are below the median, the mean is 2.3 times as large. */
const MEDIAN_BYTES = 8_192
const SIGMA = 1.3
const LEAST_BYTES = 200
export const MOST_BYTES = 2 * 1024 * 1024
/** Of popularity: what caches of sites see lies between 0.6 and 1. */
const ZIPF_EXPONENT = 0.9

/** Of the object of a number, below `OBJECTS` or not. */
export function objectBytes(number: number): number {
  const random = seededRandom(number + 1)
  // Box and Muller: of two even variables one normal one.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.round(Math.min(Math.max(MEDIAN_BYTES * Math.exp(SIGMA * normal), LEAST_BYTES), MOST_BYTES))
}

export function objectTarget(number: number): string {
  return `/mixed/${number}`
}

export function objectTag(number: number): string {
  return `"object-${number}"`
}

/** `count` numbers of as many `objects`, by Zipf's law: the second is asked for half as often as the first, about. */
export function popularity(count: number, random: () => number, objects = OBJECTS): number[] {
  const sums = new Float64Array(objects)
  let sum = 0
  for (let rank = 0; rank < objects; rank++) {
    sum += (rank + 1) ** -ZIPF_EXPONENT
    sums[rank] = sum
  }
  return Array.from({ length: count }, () => firstAbove(sums, random() * sum))
}

function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

/** From 0 inclusive to 1 exclusive: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}
