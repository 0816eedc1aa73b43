// What is to stay of a segment that leaves: what was used lately moves to a segment of the keeper's own, as far as that is
// not too much; all other entries that point there leave the index with it. Which segment leaves is room.ts's.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { bindToKey } from '../cache/checksum.js'
import type { StoreLog } from '../cache/commit.js'
import { type Databases, readRecord, readStampMs, transactNow } from '../cache/databases.js'
import { withPlace } from '../cache/encode-entry.js'
import { decodeEntry } from '../cache/entry.js'
import { orderKey, splitOrderKey } from '../cache/key-bytes.js'
import type { SegmentFile } from '../cache/segments/directory.js'
import { decodeHeader, headerBytes, segmentPath } from '../cache/segments/header.js'
import type { Place, Segments, Writing } from '../cache/segments/segments.js'
import { hashOf } from '../shared/sketch-file.js'

/** Of a segment's bytes, so many may stay. */
const keptShare = 1 / 4
/** Entries looked at in one turn of the loop, and changed in one transaction. */
const pieceEntries = 256
/** An entry is committed after its body was written; and clocks are not exact. */
const slackMs = 10_000
const copyBytes = 256 * 1024

export interface ReadmitOptions {
  /** Of the segments. */
  directory: string
  databases: () => Databases
  /** Where what stays is written. */
  segments: () => Segments
  /** Stays before all others, used or not. */
  isFavoured?: (stored: string) => boolean
  log: StoreLog
}

/** An entry whose body lies in the segment. */
interface Lodger {
  stored: string
  stampMs: number
  bytes: number
  rank: number
}

export interface Readmitted {
  /** Entries that moved, and the bytes of their bodies. */
  kept: number
  keptBytes: number
  /** Entries that left. */
  dropped: number
}

/** To be called while nobody writes to the segment. Rejects with what lmdb or the file system says: then it may leave all the same. */
export async function emptySegment(file: SegmentFile, options: ReadmitOptions): Promise<Readmitted> {
  const lodgers = await findLodgers(file, options)
  const staying = chooseStaying(lodgers, file.bytes * keptShare)
  const moved = new Map<Lodger, Buffer>()
  const done = { kept: 0, keptBytes: 0, dropped: 0 }
  for (const lodger of staying) {
    const record = await move(lodger, file.id, options)
    if (record === undefined) continue
    moved.set(lodger, record)
    done.keptBytes += lodger.bytes
  }
  for (let at = 0; at < lodgers.length; at += pieceEntries) {
    const piece = lodgers.slice(at, at + pieceEntries)
    const { kept, dropped } = settle(piece, moved, options.databases())
    done.kept += kept
    done.dropped += dropped
    await turn()
  }
  return done
}

/** All that were committed while the segment was written to. */
async function findLodgers({ id }: SegmentFile, options: ReadmitOptions): Promise<Lodger[]> {
  const { fromMs, toMs } = timesOf(segmentPath(options.directory, id))
  const lodgers: Lodger[] = []
  const end = orderKey(toMs + slackMs, '')
  for (let start: string | undefined = orderKey(Math.max(fromMs - slackMs, 0), ''); start !== undefined; ) {
    const databases = options.databases()
    databases.root.resetReadTxn()
    const keys: string[] = [...databases.order.getKeys({ start, end, limit: pieceEntries })]
    for (const key of keys) {
      const lodger = lodgerOf(databases, splitOrderKey(key), id, options.isFavoured)
      if (lodger !== undefined) lodgers.push(lodger)
    }
    start = keys.length < pieceEntries ? undefined : `${keys.at(-1)!}\0`
    await turn()
  }
  return lodgers
}

function lodgerOf(
  databases: Databases,
  { stampMs, stored }: { stampMs: number; stored: string },
  segment: number,
  isFavoured: ReadmitOptions['isFavoured'],
): Lodger | undefined {
  const place = placeOf(readRecord(databases, stored, stampMs))
  if (place?.segment !== segment) return undefined
  const isUsed = databases.marks?.isMarked(hashOf(stored)) === true
  const rank = isFavoured?.(stored) === true ? 2 : isUsed ? 1 : 0
  return { stored, stampMs, bytes: place.bytes, rank }
}

/** Those that are favoured first, then those that were used; the youngest of each first. */
function chooseStaying(lodgers: readonly Lodger[], bytesMax: number): Lodger[] {
  const staying: Lodger[] = []
  let left = bytesMax
  for (const rank of [2, 1]) {
    for (const lodger of lodgers.toReversed()) {
      if (lodger.rank !== rank || lodger.bytes > left) continue
      staying.push(lodger)
      left -= lodger.bytes
    }
  }
  return staying
}

/** The record with the new place of its body; undefined when it cannot be had. */
async function move(
  { stored, stampMs }: Lodger,
  segment: number,
  { databases, segments, log }: ReadmitOptions,
): Promise<Buffer | undefined> {
  const record = readRecord(databases(), stored, stampMs)
  const place = placeOf(record)
  if (record === undefined || place?.segment !== segment) return undefined
  try {
    const moved = await copyBody(segments(), place)
    if (moved === undefined) return undefined
    const renewed = withPlace(record, moved)
    bindToKey(renewed, stored)
    return renewed
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
    const bytes = await segments.readLater(place, at, into)
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

/** In one transaction; what was replaced since is left alone. */
function settle(
  lodgers: readonly Lodger[],
  moved: ReadonlyMap<Lodger, Buffer>,
  databases: Databases,
): Pick<Readmitted, 'kept' | 'dropped'> {
  const { entries, order, changes } = databases
  const changed: string[] = []
  const nowMs = Date.now()
  let kept = 0
  transactNow(databases, false, () => {
    for (const lodger of lodgers) {
      const { stored, stampMs } = lodger
      if (readStampMs(databases, stored) !== stampMs) continue
      const record = moved.get(lodger)
      const place = orderKey(stampMs, stored)
      const size = order.get(place)
      order.removeSync(place)
      if (record !== undefined && size !== undefined) {
        // As young as the segment that it lies in now.
        order.putSync(orderKey(nowMs, stored), Buffer.from(size))
        entries.putSync(stored, record, nowMs)
        kept += 1
      } else entries.removeSync(stored)
      changed.push(stored)
    }
  })
  for (const stored of changed) changes?.bump(stored)
  return { kept, dropped: changed.length - kept }
}

function placeOf(record: Buffer | undefined): Place | undefined {
  const entry = record && decodeEntry(record)
  return entry?.kind === 'response' ? entry.place : undefined
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
