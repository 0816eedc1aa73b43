// Updating a stored response from a 304 (RFC 9111 3.2, 4.3.4). That the 304 belongs to the stored response, and the
// lifetime and storability of the result, are the caller's to settle with the merged fields.
import type { Fields } from './fields.js'
import { endToEnd } from './hop-by-hop.js'

/**
 * They describe the stored bytes, which a 304 does not change: taking a new value would break them. Content-Type is
 * updated: RFC 9111 3.2 lets only those keep it who store something made from the body, and we store what we received.
 */
const KEPT = new Set(['content-length', 'content-encoding', 'content-range'])

/** They describe the message that has just come: without them in the 304 the time of receipt counts, not the old ones. */
const ALWAYS_REPLACED = ['age', 'date']

/**
 * The end-to-end fields of the stored response with every field replaced that the 304 brings: all its stored lines go,
 * all new lines are added behind the rest in the order received.
 */
export function freshen(stored: Fields, from304: Fields): string[] {
  const replaced = new Set(ALWAYS_REPLACED)
  const added: string[] = []
  const received = endToEnd(from304)
  for (let i = 0; i < received.length; i += 2) {
    const name = received[i].toLowerCase()
    if (KEPT.has(name)) continue
    replaced.add(name)
    added.push(received[i], received[i + 1])
  }
  const merged: string[] = []
  for (let i = 0; i < stored.length; i += 2) {
    if (!replaced.has(stored[i].toLowerCase())) merged.push(stored[i], stored[i + 1])
  }
  return merged.concat(added)
}
