// Makes a segment file: an id that no segment ever had, the lock that says that it is written to, its space, its header.
// What is written into it is segment.ts's.
import { closeSync, constants, fstatSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { allocate, lock } from '../../../native/index.js'
import { storeError } from '../commit.js'
import { listIds } from './directory.js'
import { encodeHeader, segmentPath, thisBootId } from './header.js'

export interface NewSegment {
  id: number
  /** Open for reading and writing, and locked: closing it unlocks. */
  fd: number
}

/** Of this process: within one millisecond the clock alone would name a segment of an emptied directory again. */
let highestMade = 0

/** Others may be making segments too; whoever loses takes the next number. */
const triesMax = 100
const openFlags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const fileMode = 0o600

/** A segment with `bytes` reserved where the file system can. Throws what the file system says, such as ENOSPC. */
export function createSegment(directory: string, bytes: number): NewSegment {
  mkdirSync(directory, { recursive: true })
  for (let round = 0; round < triesMax; round++) {
    const made = claim(directory, nextId(directory, round))
    if (made === undefined) continue
    try {
      highestMade = Math.max(highestMade, made.id)
      prepare(made, bytes)
      return made
    } catch (error) {
      discard(directory, made)
      throw error
    }
  }
  throw storeError('store-failed', `no name for a segment was free in ${directory}`)
}

/**
 * Never one that was used before, so that an entry cannot find another's bytes behind its id: above every id in the
 * directory, of which the newest is never evicted; and not below the clock, for a directory that was emptied by others.
 */
function nextId(directory: string, round: number): number {
  const highest = Math.max(listIds(directory).at(-1) ?? 0, highestMade)
  return Math.max(highest + 1, Date.now()) + round
}

/** Undefined when another was faster. */
function claim(directory: string, id: number): NewSegment | undefined {
  const fd = openNew(segmentPath(directory, id))
  if (fd === undefined) return undefined
  const made = { id, fd }
  try {
    // Between its making and its lock it may have been evicted; and while a newer one is there, one with this id too.
    const isOurs = lock(fd, 'exclusive') !== undefined && fstatSync(fd).nlink > 0
    if (isOurs && listIds(directory).at(-1) === id) return made
  } catch (error) {
    discard(directory, made)
    throw error
  }
  discard(directory, made)
  return undefined
}

function openNew(path: string): number | undefined {
  try {
    return openSync(path, openFlags, fileMode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
}

/** The length of the file stays that of what was written: bytes that nobody wrote cannot be read from behind its end. */
function prepare({ id, fd }: NewSegment, bytes: number): void {
  allocate(fd, 0, bytes, { keepSize: true })
  const header = encodeHeader({ id, bootId: thisBootId, createdMs: Date.now() })
  const written = writeSync(fd, header, 0, header.length, 0)
  if (written !== header.length) throw storeError('store-full', 'the disk of the cache is full')
}

/** It holds nothing yet. */
function discard(directory: string, { id, fd }: NewSegment): void {
  try {
    unlinkSync(segmentPath(directory, id))
  } catch {
    // Evicted already, or the directory is gone: there is nothing left to remove.
  }
  closeSync(fd)
}
