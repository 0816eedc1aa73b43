// Patterns of the config (`/assets/*`, `image/*`) as functions. No regular expressions: the patterns and the texts come
// from outside, and backtracking would let them take any time.

export type Matcher = (text: string) => boolean

/**
 * Matches the whole text, `*` any characters, none included. Linear: each part between stars is looked for once, from
 * where the one before it ends, and never looked for again further on.
 */
export function matcher(pattern: string): Matcher {
  const [first, ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text => text === pattern
  return text => {
    const end = text.length - last.length
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
    let at = first.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found === -1 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}
