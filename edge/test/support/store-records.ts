// Records for the tests of the store: every byte of an entry follows from its key and size, so that whoever reads one
// back knows whether it is what was put.
import { createHash } from 'node:crypto'
import { verifyBody } from '../../cache/checksum.js'
import { type Content, type Entry, encodeEntry } from '../../cache/entry.js'

/** `bytes` bytes that only this key gives. */
export function bodyOf(key: string, bytes: number): Buffer {
  const seed = createHash('sha256').update(key, 'latin1').digest()
  const body = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += seed.length) seed.copy(body, at)
  return body
}

export function recordOf(key: string, bytes: number, storedAtMs = 1_000): Buffer {
  return recordWith(bodyOf(key, bytes), key, `"${key.length}-${bytes}"`, storedAtMs)
}

/** A record with this content, whatever it is. */
export function recordWith(content: Content, key = '', etag = '"1"', storedAtMs = 1_000): Buffer {
  return encodeEntry({
    status: 200,
    flags: 0,
    bornAtMs: 1_000,
    freshUntilMs: 61_000,
    storedAtMs,
    askedAtMs: 0,
    groups: [],
    tags: [],
    etag,
    lastModified: '',
    varyNames: [],
    received: ['Content-Type', 'text/plain'],
    block: Buffer.from(`block of ${key.slice(0, 50)}`, 'latin1'),
    notModifiedBytes: 5,
    content,
  })
}

/** '' when `entry` is wholly what `recordOf(key, any size)` made, else what is wrong. */
export function faultOf(key: string, entry: Entry | undefined): string {
  if (entry === undefined) return 'absent'
  if (entry.kind !== 'response') return `kind ${entry.kind}`
  if (!verifyBody(entry)) return 'checksum'
  if (!entry.body.equals(bodyOf(key, entry.body.length))) return 'body of another key'
  if (entry.block.toString('latin1') !== `block of ${key.slice(0, 50)}`) return 'block of another key'
  return ''
}

/** Numbers in 0..1 that are the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
