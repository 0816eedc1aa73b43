// What the torture's origin says: everything about an answer follows from its target and version, so that whoever gets one
// knows whether every byte of it is right.
import { createHash } from 'node:crypto'
import { plainBytes } from '../origin/serve.js'

export type Behaviour =
  | 'plain'
  | 'chunked'
  | 'slow'
  | 'breaks'
  | 'private'
  | 'vary'
  | 'stale'
  | 'validated'
  | 'ranged'
export const behaviours: readonly Behaviour[] = [
  'plain',
  'plain',
  'chunked',
  'slow',
  'breaks',
  'private',
  'vary',
  'stale',
  'validated',
  'ranged',
  'ranged',
]

const SIZES = [0, 1, 900, 5_000, 64 * 1024, 70_000, 1_048_576, 8_388_608]
/** What all bodies are cut from; a prime, so that no two begin alike soon. */
const PERIOD = 65_521
const twice = Buffer.concat([plainBytes(PERIOD), plainBytes(PERIOD), plainBytes(PERIOD)])

export interface Content {
  target: string
  bytes: number
  behaviour: Behaviour
}

/** Targets are `/BEHAVIOUR/BYTES/anything`. */
export function contentOf(target: string): Content {
  const [, behaviour, bytes] = target.split('/')
  return { target, bytes: Number(bytes), behaviour: behaviour as Behaviour }
}

export function targetOf(number: number, salt: string): string {
  const behaviour = behaviours[number % behaviours.length]!
  const bytes = SIZES[Math.floor(number / behaviours.length) % SIZES.length]!
  return `/${behaviour}/${bytes}/${salt}${number}`
}

/** Bytes `from` to `from + count` of that version's body; at most 64 KiB at once. */
export function piece(target: string, version: string, from: number, count: number): Buffer {
  const start = (seedOf(target, version) + from) % PERIOD
  return twice.subarray(start, start + Math.min(count, PERIOD))
}

const seeds = new Map<string, number>()
const SEEDS_MAX = 10_000

function seedOf(target: string, version: string): number {
  const name = `${target} ${version}`
  const known = seeds.get(name)
  if (known !== undefined) return known
  if (seeds.size >= SEEDS_MAX) seeds.clear()
  const seed = createHash('sha256').update(name).digest().readUInt32LE()
  seeds.set(name, seed)
  return seed
}

/** Whether `bytes` are what stands at `from` in that version's body. */
export function isPiece(bytes: Buffer, target: string, version: string, from: number): boolean {
  for (let at = 0; at < bytes.length; at += PERIOD) {
    const part = bytes.subarray(at, at + PERIOD)
    if (!part.equals(piece(target, version, from + at, part.length))) return false
  }
  return true
}
