// What is to stay of a segment that leaves: what was used lately moves to a segment of the keeper's own, as far as that is
// not too much; all other entries that point there leave the index with it. Which segment leaves is room.ts's.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { StoreLog } from '../cache/commit.js'
import { type Databases, readRecord } from '../cache/databases.js'
import type { SegmentFile } from '../cache/segments/directory.js'
import { decodeHeader, headerBytes, segmentPath } from '../cache/segments/header.js'
import type { Place, Segments, Writing } from '../cache/segments/segments.js'
import { hashOf } from '../shared/sketch-file.js'
import { commitSlackMs, type Lodger, type Lodgers, placeOf } from './lodgers.js'
import { settle } from './settle.js'

/** Of the bytes of the segments that leave, so many may stay. */
const keptShare = 1 / 4
/** What was left of the shares of at most so many segments is kept for those that come: one full of what stayed before. */
const creditSegmentsMax = 8
/** Entries changed in one turn of the loop, and in one transaction. */
const pieceEntries = 256
const copyBytes = 256 * 1024
const groupBytesMax = 4 * 1024 * 1024

export interface ReadmitOptions {
  /** Of the segments. */
  directory: string
  databases: () => Databases
  lodgers: Lodgers
  /** Where what stays is written. */
  segments: () => Segments
  /** What may stay of the next segments beyond their share, as others had less. Changed here. */
  credit: { bytes: number }
  /** Stays before all others, used or not. */
  isFavoured?: (stored: string) => boolean
  log: StoreLog
}

interface Guest extends Lodger {
  rank: number
}

export interface Readmitted {
  /** Entries that moved, and the bytes of their bodies. */
  kept: number
  keptBytes: number
  /** Entries that left. */
  dropped: number
  /** There were no others that point there. */
  isAll: boolean
}

/** To be called while nobody writes to the segment. Rejects with what lmdb or the file system says: then it may leave all the same. */
export async function emptySegment(file: SegmentFile, options: ReadmitOptions): Promise<Readmitted> {
  const { credit } = options
  const { guests, isAll } = await findGuests(file, options)
  const done = { kept: 0, keptBytes: 0, dropped: 0, isAll }
  const moved = new Map<Lodger, Place>()
  const mayStayBytes = credit.bytes + file.bytes * keptShare
  for (const group of inGroups(chooseStaying(guests, mayStayBytes))) {
    await moveGroup(group, file.id, moved, options)
  }
  for (const { bytes } of moved.keys()) done.keptBytes += bytes
  credit.bytes = Math.min(mayStayBytes - done.keptBytes, file.bytes * keptShare * creditSegmentsMax)
  for (let at = 0; at < guests.length; at += pieceEntries) {
    const { kept, dropped } = settle(options.databases(), guests.slice(at, at + pieceEntries), moved)
    done.kept += kept
    done.dropped += dropped
    await turn()
  }
  return done
}

/** Those that were committed while the segment was written to, as far as they are known, and how much each is to stay. */
async function findGuests(
  { id }: SegmentFile,
  options: ReadmitOptions,
): Promise<{ guests: Guest[]; isAll: boolean }> {
  const { directory, databases, isFavoured, lodgers } = options
  const { fromMs, toMs } = timesOf(segmentPath(directory, id))
  const { lodgers: found, isAll } = await lodgers.take(
    id,
    Math.max(fromMs - commitSlackMs, 0),
    toMs + commitSlackMs,
  )
  const { marks } = databases()
  const guests = found.map(lodger => {
    const isUsed = marks?.isMarked(hashOf(lodger.stored)) === true
    return { ...lodger, rank: isFavoured?.(lodger.stored) === true ? 2 : isUsed ? 1 : 0 }
  })
  return { guests, isAll }
}

/** Those that are favoured first, then those that were used; the youngest of each first. */
function chooseStaying(guests: readonly Guest[], bytesMax: number): Guest[] {
  const staying: Guest[] = []
  let left = bytesMax
  for (const rank of [2, 1]) {
    for (const guest of guests.toReversed()) {
      if (guest.rank !== rank || guest.bytes > left) continue
      staying.push(guest)
      left -= guest.bytes
    }
  }
  return staying
}

/** What is moved at the same time: short bodies are then written together. */
function inGroups(guests: readonly Guest[]): Guest[][] {
  const groups: Guest[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const guest of guests) {
    if (bytes + guest.bytes > groupBytesMax) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)!.push(guest)
    bytes += guest.bytes
  }
  return groups
}

async function moveGroup(
  group: readonly Guest[],
  segment: number,
  moved: Map<Lodger, Place>,
  options: ReadmitOptions,
): Promise<void> {
  const moves = group.map(async guest => {
    const place = await move(guest, segment, options)
    if (place !== undefined) moved.set(guest, place)
  })
  options.segments().hurry()
  await Promise.all(moves)
}

/** The new place of its body; undefined when it cannot be had. */
async function move(
  { stored, stampMs }: Lodger,
  segment: number,
  { databases, segments, log }: ReadmitOptions,
): Promise<Place | undefined> {
  const place = placeOf(readRecord(databases(), stored, stampMs))
  if (place?.segment !== segment) return undefined
  try {
    return await copyBody(segments(), place)
  } catch (error) {
    log('warn', 'what was used could not be kept', { segment, error })
    return undefined
  }
}

async function copyBody(segments: Segments, place: Place): Promise<Place | undefined> {
  const writing = segments.begin(place.bytes)
  if (writing === undefined) return undefined
  const into = Buffer.allocUnsafe(Math.min(copyBytes, place.bytes))
  for (let at = 0; at < place.bytes; ) {
    const inMemory = segments.read(place, at, into)
    const bytes = inMemory === 'wait' ? await segments.readLater(place, at, into) : inMemory
    if (bytes === undefined || bytes === 0) {
      writing.abandon()
      return undefined
    }
    const mayGoOn = writing.append(into.subarray(0, bytes))
    at += bytes
    if (!mayGoOn) await roomIn(writing)
  }
  const moved = await writing.finish()
  // What was damaged is not to be passed for sound.
  return moved.crc === place.crc ? moved : undefined
}

function roomIn(writing: Writing): Promise<void> {
  return new Promise(resolve => {
    writing.onRoom = resolve
    writing.onBroken = () => resolve()
  })
}

/** When it was made, and when it was last written to. */
function timesOf(path: string): { fromMs: number; toMs: number } {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(headerBytes)
    readSync(fd, bytes, 0, headerBytes, 0)
    const { mtimeMs } = fstatSync(fd)
    return { fromMs: decodeHeader(bytes)?.createdMs ?? mtimeMs, toMs: mtimeMs }
  } finally {
    closeSync(fd)
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
