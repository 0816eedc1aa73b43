// The known word that a mistyped one most likely meant: for the message about an unknown key.

/** Longer words are not compared: the work is the product of both lengths. */
const wordCharactersMax = 64

/** The word of `known` nearest to `word`, or undefined when none is near: half its letters, at most 2, in long words 3, may differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > wordCharactersMax) return undefined
  let best: string | undefined
  let bestDistance = Math.min(word.length < 9 ? 2 : 3, Math.floor(word.length / 2)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** Letters to insert, remove or replace to make one word the other (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + Number(from[row - 1] !== to[column - 1])
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[to.length]!
}
