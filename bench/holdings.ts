// What a server holds when it has been put under load: memory, files, and how much of these is in the page cache.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { memoryBytes } from './host/memory.js'
import type { Peer } from './peers/peer.js'
import { findProgram } from './tools.js'

const BLOCK_BYTES = 512
/** As many names as one command line is given. */
const NAMES_AT_ONCE = 500

export interface Holdings {
  /** Anonymous and shared memory of all processes, and the files that they share as memory. */
  memoryBytes: number
  /** What its files take on disk. */
  diskBytes: number
  /** What of them is in memory, for the kernel to drop. Absent where `fincore` is. */
  pageCacheBytes?: number
}

export function holdingsOf(peer: Pick<Peer, 'pids' | 'directory'>): Holdings {
  const { directory } = peer
  const files = filesBelow(directory)
  const diskBytes = files.reduce((sum, file) => sum + blocksOf(file), 0)
  const pageCacheBytes = cachedBytes(files)
  return {
    memoryBytes: memoryBytes(peer.pids(), join(directory, 'run')),
    diskBytes,
    ...(pageCacheBytes !== undefined && { pageCacheBytes }),
  }
}

function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
  } catch (error) {
    // A server without files has no directory.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function blocksOf(file: string): number {
  return (statSync(file, { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK_BYTES
}

function cachedBytes(files: readonly string[]): number | undefined {
  const fincore = findProgram('fincore')
  if (fincore === undefined) return undefined
  let sum = 0
  for (let at = 0; at < files.length; at += NAMES_AT_ONCE) {
    const names = files.slice(at, at + NAMES_AT_ONCE)
    const args = ['--bytes', '--noheadings', '--output', 'RES', ...names]
    // It exits with 1 when a file has gone meanwhile, and still says what it found of the others.
    const { stdout } = spawnSync(fincore, args, { encoding: 'utf8' })
    for (const line of stdout.split('\n')) sum += Number(line) || 0
  }
  return sum
}
