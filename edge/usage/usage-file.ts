// The file in which one worker counts what its sites use: rows of totals by site and hour, mapped, so that what was counted
// outlives the process however it ends. One writes, anybody may read. Who writes holds a shared lock on it.

import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { usageFields } from '../../config/usage-fields.js'
import { type Lock, lock, map, unmap } from '../../native/index.js'

const magic = Buffer.from('naijusg1', 'latin1').readBigUInt64LE()
const headerBytes = 512
const rowBytes = 512
/** Of a site's name, in UTF-8, behind its length. */
const nameBytesMax = 254
const numbersAt = 256
/** Rows of one file: 4 MiB. A worker that needs more begins another one. */
export const rowsPerFile = 8_191
const fileBytes = headerBytes + rowsPerFile * rowBytes
const suffix = '.usage'
const unseenSuffix = '.new'
const hourMs = 3_600_000

export interface UsageRow {
  readonly site: string
  /** Hours since 1970, UTC. */
  readonly hour: number
  /** By `usageFields`. */
  readonly totals: readonly number[]
}

export function hourOf(wallMs: number): number {
  return Math.floor(wallMs / hourMs)
}

/** Where a worker counts. */
export class UsageFile {
  /** Of all rows; a row's numbers begin at its place. */
  readonly cells: Float64Array
  readonly #words: Int32Array
  readonly #bytes: Buffer
  readonly #buffer: ArrayBuffer
  readonly #lock: Lock
  #rows = 0

  /** Throws what the disk or the addon throws; nothing is left behind then. */
  constructor(directory: string, id: string) {
    mkdirSync(directory, { recursive: true, mode: 0o750 })
    const path = join(directory, `${id}${suffix}`)
    const unseen = `${path}${unseenSuffix}`
    this.#buffer = map(unseen, fileBytes, { create: true })
    const held = lock(unseen, 'shared')
    if (held === undefined) throw new Error(`${unseen} is locked`)
    this.#lock = held
    this.#bytes = Buffer.from(this.#buffer)
    this.#words = new Int32Array(this.#buffer, 0, headerBytes / 4)
    this.cells = new Float64Array(this.#buffer)
    Atomics.store(new BigUint64Array(this.#buffer, 0, 1), 0, magic)
    // Whoever sees it sees it locked: what is not counts as that of a dead one.
    renameSync(unseen, path)
  }

  /** Where the numbers of a new row begin in `cells`, the first of `usageFields`; undefined: the file is full. */
  begin(site: string, hour: number): number | undefined {
    if (this.#rows >= rowsPerFile) return undefined
    const at = headerBytes + this.#rows * rowBytes
    this.#bytes[at] = Math.min(this.#bytes.write(site, at + 1, nameBytesMax), nameBytesMax)
    const numbers = (at + numbersAt) / 8
    this.cells[numbers] = hour
    this.#rows += 1
    // Only now is it seen.
    Atomics.store(this.#words, 2, this.#rows)
    return numbers + 1
  }

  /** Nothing may be called afterwards. */
  close(): void {
    unmap(this.#buffer)
    this.#lock.release()
  }
}

/** Ids of all files, of those who count and of the dead. */
export function usageFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter(name => name.endsWith(suffix))
      .map(name => name.slice(0, -suffix.length))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export function usageBytesIn(directory: string): number {
  return usageFilesIn(directory).reduce(
    (sum, id) => sum + statSync(join(directory, `${id}${suffix}`)).size,
    0,
  )
}

/** All rows as they are now; undefined: this is no such file. */
export function readUsage(directory: string, id: string): UsageRow[] | undefined {
  const descriptor = openSync(join(directory, `${id}${suffix}`), 'r')
  try {
    if (fstatSync(descriptor).size !== fileBytes) return undefined
    const header = Buffer.alloc(headerBytes)
    readSync(descriptor, header, 0, headerBytes, 0)
    if (header.readBigUInt64LE(0) !== magic) return undefined
    const rows = Math.min(header.readInt32LE(8), rowsPerFile)
    const bytes = Buffer.alloc(rows * rowBytes)
    readSync(descriptor, bytes, 0, bytes.length, headerBytes)
    return Array.from({ length: rows }, (_, row) =>
      rowOf(bytes.subarray(row * rowBytes, (row + 1) * rowBytes)),
    )
  } finally {
    closeSync(descriptor)
  }
}

function rowOf(bytes: Buffer): UsageRow {
  const number = (at: number) => bytes.readDoubleLE(numbersAt + 8 * at)
  return {
    site: bytes.toString('utf8', 1, 1 + bytes[0]!),
    hour: number(0),
    totals: usageFields.map((_, at) => number(at + 1)),
  }
}

/** Nobody counts in it any more. Looked at before it is read: what is read then is all there will be. */
export function isFinal(directory: string, id: string): boolean {
  const held = lock(join(directory, `${id}${suffix}`), 'exclusive')
  held?.release()
  return held !== undefined
}

/** Of one that died while it was made. */
export function removeUnseen(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.endsWith(`${suffix}${unseenSuffix}`)) continue
    const held = lock(join(directory, name), 'exclusive')
    if (held !== undefined) unlinkSync(join(directory, name))
    held?.release()
  }
}

export function removeUsage(directory: string, id: string): void {
  unlinkSync(join(directory, `${id}${suffix}`))
}
