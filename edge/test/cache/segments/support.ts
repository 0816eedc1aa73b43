// What the tests of the segments share: an open folder, bodies that only their name gives, and ways to write and read.
import { createCipheriv, createHash } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import type { Test } from 'tap'
import { openSegments, type Place, type PlaceSoFar, type Segments } from '../../../cache/segments/segments.js'
import type { Writing } from '../../../cache/segments/writing.js'

export const mebibyte = 1024 * 1024

/** Bytes that depend on the name and on their position. */
export function bodyOf(name: string, bytes: number): Buffer {
  const key = createHash('md5').update(name).digest()
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes))
}

export interface Stage {
  readonly directory: string
  readonly segments: Segments
  /** What was logged. */
  readonly lines: { level: string; message: string; details: Record<string, unknown> }[]
  /** Moved by the test only. */
  nowMs: number
}

export interface StageOptions {
  directory?: string
  segmentBytes?: number
  openReadersMax?: number
}

export function stageOf(t: Test, options: StageOptions = {}): Stage {
  const { directory = `${t.testdir()}/segments`, segmentBytes = mebibyte, openReadersMax = 16 } = options
  const lines: Stage['lines'] = []
  const log = (level: string, message: string, details: Record<string, unknown>): void => {
    lines.push({ level, message, details })
  }
  const now = (): number => stage.nowMs
  const segments = openSegments({ directory, segmentBytes, openReadersMax, log, now })
  const stage: Stage = { directory, segments, lines, nowMs: 1_000_000 }
  t.teardown(() => segments.close())
  return stage
}

/** Writes a body in chunks, as fast as room is given. */
export async function writeChunks(writing: Writing, body: Buffer, chunkBytes: number): Promise<void> {
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (writing.append(body.subarray(at, at + chunkBytes))) continue
    await new Promise<void>(resolve => {
      writing.onRoom = resolve
    })
  }
}

/** A body that is all there, of known length unless `isUnknown`. */
export async function writeBody(segments: Segments, body: Buffer, isUnknown = false): Promise<Place> {
  const writing = segments.begin(isUnknown ? undefined : body.length)
  if (writing === undefined) throw new Error('nothing can be written')
  await writeChunks(writing, body, 100_000)
  return writing.finish()
}

/** All of it, in pieces of `pieceBytes`; undefined when it is absent. */
export async function readAll(
  segments: Segments,
  place: PlaceSoFar,
  pieceBytes = 70_000,
): Promise<Buffer | undefined> {
  const body = Buffer.alloc(place.bytes)
  for (let at = 0; at < place.bytes; ) {
    const into = body.subarray(at, at + pieceBytes)
    const now = segments.read(place, at, into)
    const bytes = now === 'wait' ? await segments.readLater(place, at, into) : now
    if (bytes === undefined) return undefined
    if (bytes === 0) throw new Error('the body ended before its length')
    at += bytes
  }
  return body
}

/** Descriptors of this process on segments, such as `7`, with the path that each has. */
export function descriptors(directory: string): { fd: number; path: string }[] {
  const found: { fd: number; path: string }[] = []
  for (const name of readdirSync('/proc/self/fd')) {
    const path = linkOf(`/proc/self/fd/${name}`)
    if (path.startsWith(directory)) found.push({ fd: Number(name), path })
  }
  return found
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // The one by which the list itself was read.
    return ''
  }
}

/** Longer than any disk needs; only so that a failure has a name. */
const untilMs = 60_000

/** Turns the loop until it is so. */
export async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + untilMs
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`still not so: ${isTrue}`)
    await new Promise(setImmediate)
  }
}
