// Smooth random values for the demo's pictures: value noise on a lattice of hashed numbers, the same in every run.

/** A number in [0, 1) that depends on nothing but its arguments. */
export function hashed(x: number, y: number, seed: number): number {
  let word = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1)
  word = Math.imul(word ^ (word >>> 15), 0x85ebca6b)
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
  return ((word ^ (word >>> 16)) >>> 0) / 4294967296
}

/** Value noise in [0, 1): lattice values a unit apart, eased between. */
export function noise(x: number, y: number, seed: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const across = ease(x - column)
  const down = ease(y - row)
  const top = mix(hashed(column, row, seed), hashed(column + 1, row, seed), across)
  const bottom = mix(hashed(column, row + 1, seed), hashed(column + 1, row + 1, seed), across)
  return mix(top, bottom, down)
}

/** Several octaves of noise, each half as strong and twice as fine as the one before; in [0, 1). */
export function roughNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0
  let strength = 0.5
  let total = 0
  for (let octave = 0; octave < octaves; octave++) {
    sum += strength * noise(x * 2 ** octave, y * 2 ** octave, seed + octave)
    total += strength
    strength /= 2
  }
  return sum / total
}

export function mix(from: number, to: number, part: number): number {
  return from + (to - from) * part
}

function ease(part: number): number {
  return part * part * (3 - 2 * part)
}
