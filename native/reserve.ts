// Makes sure that every byte of a file that is to be mapped has its place on the disk: touching a page that has none
// on a full disk is a SIGBUS.
import { fstatSync, ftruncateSync, writeSync } from 'node:fs'
import { allocate } from './allocate.js'

const chunkBytes = 1024 * 1024

/**
 * Gives an empty file `bytes` reserved bytes, zeros, and fills the holes of one that has them already. Where the
 * file system cannot reserve, an empty file is written full; an older one is taken as it is, since others may be
 * using it and zeros would undo what they write. A file that was empty is empty again when it fails.
 */
export function reserve(fd: number, bytes: number, tryAllocate: typeof allocate = allocate): void {
  const wasEmpty = fstatSync(fd).size === 0
  try {
    if (!tryAllocate(fd, 0, bytes) && wasEmpty) writeZeros(fd, bytes)
  } catch (error) {
    if (wasEmpty) ftruncateSync(fd, 0)
    throw error
  }
}

function writeZeros(fd: number, bytes: number): void {
  const zeros = new Uint8Array(Math.min(bytes, chunkBytes))
  let position = 0
  while (position < bytes) {
    position += writeSync(fd, zeros, 0, Math.min(zeros.length, bytes - position), position)
  }
}
