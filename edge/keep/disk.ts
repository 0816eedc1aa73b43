// The space of the file system that the cache lies on.
import { statfs } from 'node:fs/promises'
import type { DiskSpace } from './messages.js'

/** Rejects with what the file system says. */
export async function diskSpace(directory: string): Promise<DiskSpace> {
  const { bsize, blocks, bavail } = await statfs(directory)
  return { bytes: blocks * bsize, freeBytes: bavail * bsize }
}
