// Random and mutated byte strings for the property tests of parsers, the same in every run.

export interface Random {
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number
  pick<Value>(values: readonly Value[]): Value
  /** A byte string of at most `lengthMax` characters from 0x00 to 0xff, now and then beyond. */
  bytes(lengthMax: number): string
  /** `text` with a few characters removed, doubled, replaced or swapped. */
  mutated(text: string): string
}

/** Mulberry32: small, and good enough to reach odd corners. */
export function random(seed: number): Random {
  let state = seed
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  const character = (): string => String.fromCharCode(below(50) === 0 ? below(0x10000) : below(256))
  const bytes = (lengthMax: number): string => {
    let text = ''
    for (let left = below(lengthMax + 1); left > 0; left--) text += character()
    return text
  }
  const mutated = (text: string): string => {
    let result = text
    for (let left = 1 + below(4); left > 0; left--) {
      const at = below(result.length + 1)
      const replacements = [
        '',
        character(),
        result.slice(at, at + 2).repeat(2),
        result.slice(0, at),
        ',"\\=;'[below(5)],
      ]
      result = result.slice(0, at) + replacements[below(5)] + result.slice(at + below(3))
    }
    return result
  }
  return { below, pick: values => values[below(values.length)], bytes, mutated }
}

/** `count` inputs: half of them random bytes, half mutations of the seeds. */
export function* hostileInputs(seeds: readonly string[], count: number): Generator<string> {
  const source = random(20)
  for (let i = 0; i < count; i++) {
    yield i % 2 === 0 ? source.bytes(40) : source.mutated(source.pick(seeds))
  }
}
