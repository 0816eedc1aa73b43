// What the segments may take by now: their share of the cache, less what the index takes beyond its own. Its file grows with
// what is freed and used again, and never shrinks.
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { takenBytes } from './directory.js'
import { segmentsBytesMaxOf } from './sizes.js'

const segmentsFolder = 'segments'
/** Kept free: the index grows between two looks at it, and what was removed goes when its last reader has heard of it. */
const slackShare = 1 / 64

/** `less`: of that, what is to be kept free. Throws what the file system says. */
export function segmentsCapOf(cacheDirectory: string, bytesMax: number, less = 0): number {
  const share = segmentsBytesMaxOf(bytesMax)
  const left = bytesMax * (1 - slackShare) - bytesBeside(cacheDirectory)
  return Math.max(Math.floor(Math.min(share, left)) - less, 0)
}

/** Of all files in the cache directory that are no segments. */
function bytesBeside(directory: string): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === segmentsFolder) continue
    const path = join(directory, entry.name)
    bytes += entry.isDirectory() ? bytesBeside(path) : bytesOf(path)
  }
  return bytes
}

function bytesOf(path: string): number {
  const status = lstatSync(path, { throwIfNoEntry: false })
  // What is reserved or written, not how long it says to be: the file of the index has holes.
  return status === undefined ? 0 : takenBytes({ size: 0, blocks: status.blocks })
}
