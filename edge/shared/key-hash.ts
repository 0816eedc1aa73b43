// A key as the 128 bits by which workers know it. Taken for the key itself: by accident two are never the same, and by
// intent only for who can break SHA-256.
import { hash } from 'node:crypto'

/** Four 32-bit words. */
export type KeyHash = Int32Array

/** `revision`: of the site; requests under another one neither join nor meet this fill. */
export function keyHash(key: string, revision: string): KeyHash {
  const digest = hash('sha256', `${revision}\n${key}`, 'buffer')
  return Int32Array.from([0, 4, 8, 12], at => digest.readInt32LE(at))
}
