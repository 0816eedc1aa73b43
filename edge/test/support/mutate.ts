// Changes messages a little, the same way for the same seed.

export interface Dice {
  /** A whole number from 0 to below `end`. */
  below(end: number): number
}

/** xorshift32: as good as it has to be. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0 || 1
  return {
    below: end => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) % end
    },
  }
}

/** What parsers stumble over. */
const pieces = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '0\r\n\r\n',
  '5\r\n',
  '\r\n\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 7\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: x\r\n',
  'Host: b\r\n',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
  ': x\r\n',
  ' x: y\r\n',
  'HTTP/1.1',
  'HTTP/1.0',
  'GET ',
  '%00',
  '\xff',
  ';a=b',
]

type Change = (bytes: string, dice: Dice) => string

const changes: readonly Change[] = [
  (bytes, dice) => at(bytes, dice, () => String.fromCharCode(dice.below(256)), 1),
  (bytes, dice) => at(bytes, dice, () => pieces[dice.below(pieces.length)]!, 0),
  (bytes, dice) => at(bytes, dice, () => pieces[dice.below(pieces.length)]!, 1 + dice.below(4)),
  (bytes, dice) => at(bytes, dice, () => '', 1 + dice.below(8)),
  (bytes, dice) => {
    const start = dice.below(bytes.length + 1)
    const copy = bytes.slice(start, start + 1 + dice.below(40))
    return at(bytes, dice, () => copy, 0)
  },
  (bytes, dice) => bytes.slice(0, 1 + dice.below(bytes.length + 1)),
]

function at(bytes: string, dice: Dice, text: () => string, removed: number): string {
  const place = dice.below(bytes.length + 1)
  return bytes.slice(0, place) + text() + bytes.slice(place + removed)
}

/** One to four changes. */
export function mutate(bytes: string, dice: Dice): string {
  let changed = bytes
  for (let left = 1 + dice.below(4); left > 0; left -= 1) {
    changed = changes[dice.below(changes.length)]!(changed, dice)
  }
  return changed
}

/** In one to three pieces. */
export function cut(bytes: string, dice: Dice): string[] {
  const places = Array.from({ length: dice.below(3) }, () => dice.below(bytes.length + 1)).sort(
    (a, b) => a - b,
  )
  return [0, ...places].map((place, index) => bytes.slice(place, places[index]))
}
