// Looks at the LMDB file before any process opens it: a file that is shorter than its meta page says is a SIGBUS at
// some later hit, and no try/catch helps then. Reads the file by hand, with lmdb out of the game; which free pages
// may be missing is free-pages.ts's. It sees the frame, not every page: flipped bits inside are the checksums' matter.
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { allFree, type PageFile } from './free-pages.js'
import { indexDirectory } from './index-directory.js'

export type Inspection = { state: 'absent' } | { state: 'sound' } | { state: 'damaged'; reason: string }

/** What the meta page of a snapshot names (`MDB_meta` of lmdb-js's LMDB 0.9.90, little-endian, 64 bits). */
interface Meta {
  pageBytes: number
  freeRoot: bigint
  lastPage: number
  transaction: bigint
  /** Committed, but not yet flushed to disk when it was written. */
  unflushed: boolean
  bootId: bigint
}

const magic = 0xbeefc0de
const formatVersion = 2
/** `P_META` of the page flags, and where the meta data begin behind the page header. */
const metaPageFlag = 0x08
const headerBytes = 24
const metaBytes = headerBytes + 144
const unflushedFlag = 0x1000
const pageBytesMin = 512
const pageBytesMax = 32_768
const damagedPattern = /^index\.damaged-(\d+)$/
const olderKept = 1

/**
 * Whether the index in cache directory `directory` may be opened. Errors of the file system other than absence (no
 * permission, say) are thrown: they are no damage.
 */
export function inspectIndex(directory: string): Inspection {
  const path = join(indexDirectory(directory), 'data.mdb')
  if (!existsSync(path)) return { state: 'absent' }
  const descriptor = openSync(path, 'r')
  try {
    const reason = damageOf(descriptor)
    return reason === undefined ? { state: 'sound' } : { state: 'damaged', reason }
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Renames the index to `index.damaged-<n>` beside it, for whoever wants to look, and returns the new path. Only one
 * older one is kept: each may be as large as the cache.
 */
export function setAside(directory: string): string {
  const numbers = readdirSync(directory)
    .map(name => Number(damagedPattern.exec(name)?.[1] ?? Number.NaN))
    .filter(Number.isInteger)
    .sort((a, b) => a - b)
  const older = numbers.slice(0, Math.max(0, numbers.length - olderKept))
  for (const number of older) rmSync(damagedPath(directory, number), { recursive: true, force: true })
  const path = damagedPath(directory, (numbers.at(-1) ?? 0) + 1)
  renameSync(indexDirectory(directory), path)
  return path
}

function damagedPath(directory: string, number: number): string {
  return join(directory, `index.damaged-${number}`)
}

function damageOf(descriptor: number): string | undefined {
  const bytes = fstatSync(descriptor).size
  if (bytes === 0) return 'the file is empty'
  const head = readAt(descriptor, 0, metaBytes)
  const fault = faultOfHead(head)
  if (fault !== undefined) return fault
  const pageBytes = readMeta(head).pageBytes
  const first = readAt(descriptor, 0, pageBytes)
  const second = readAt(descriptor, pageBytes, metaBytes)
  if (first.length < pageBytes || second.length < metaBytes) return 'the file ends within its meta pages'
  const secondFault = faultOfHead(second)
  if (secondFault !== undefined) return secondFault
  const flushed = readMeta(first.subarray(pageBytes >> 1))
  return faultOfLength(descriptor, bytes, chooseMeta(readMeta(first), readMeta(second), flushed, bootId()))
}

function faultOfHead(head: Buffer): string | undefined {
  if (head.length < metaBytes) return 'the file ends within its first page'
  if ((head.readUInt16LE(18) & metaPageFlag) === 0) return 'the first pages are no meta pages'
  if (head.readUInt32LE(headerBytes) !== magic) return 'the meta page has no LMDB magic'
  const version = head.readUInt32LE(headerBytes + 4) & 0xffff
  if (version !== formatVersion) return `the format is version ${version}, not ${formatVersion}`
  const { pageBytes } = readMeta(head)
  const sane = pageBytes >= pageBytesMin && pageBytes <= pageBytesMax && (pageBytes & (pageBytes - 1)) === 0
  return sane ? undefined : `the meta page names pages of ${pageBytes} bytes`
}

function readMeta(page: Buffer): Meta {
  return {
    pageBytes: page.readUInt32LE(headerBytes + 24),
    unflushed: (page.readUInt16LE(headerBytes + 28) & unflushedFlag) !== 0,
    freeRoot: page.readBigUInt64LE(headerBytes + 64),
    lastPage: Number(page.readBigUInt64LE(headerBytes + 120)),
    transaction: page.readBigUInt64LE(headerBytes + 128),
    bootId: page.readBigInt64LE(headerBytes + 136),
  }
}

/**
 * The snapshot that lmdb will open: the newest, unless it was never flushed and the machine has booted since; then
 * the last one that was (`mdb_env_pick_meta` with `MDB_PREVSNAPSHOT`).
 */
function chooseMeta(first: Meta, second: Meta, flushed: Meta, boot: bigint): Meta {
  return choosePair(choosePair(first, second, boot), flushed, boot)
}

function choosePair(a: Meta, b: Meta, boot: bigint): Meta {
  if (b.transaction === 0n) return a
  const [newer, older] = a.transaction >= b.transaction ? [a, b] : [b, a]
  const holds = !newer.unflushed || (newer.bootId !== 0n && newer.bootId === boot)
  return holds ? newer : older
}

/** As lmdb reads it: the first group of hexadecimal digits, 0 where there is none. */
function bootId(): bigint {
  const path = '/proc/sys/kernel/random/boot_id'
  const digits = existsSync(path) ? /^[0-9a-f]+/i.exec(readFileSync(path, 'latin1')) : null
  return digits === null ? 0n : BigInt(`0x${digits[0]}`)
}

/**
 * Pages are written before the meta page that names them, so after `kill -9` too the file has them all, but for one
 * case: a page taken and given back within one transaction is never written. When such pages are the last ones the
 * file is lawfully short, and then the list of free pages has every page that is missing.
 */
function faultOfLength(descriptor: number, bytes: number, meta: Meta): string | undefined {
  const present = Math.floor(bytes / meta.pageBytes)
  if (meta.lastPage < present) return undefined
  const file: PageFile = {
    pageBytes: meta.pageBytes,
    read: (page, count) => {
      if (page + count > present) return Buffer.alloc(0)
      return readAt(descriptor, page * meta.pageBytes, count * meta.pageBytes)
    },
  }
  if (allFree(file, meta.freeRoot, present, meta.lastPage)) return undefined
  return `the file has ${present} pages, its meta page names ${meta.lastPage + 1}`
}

function readAt(descriptor: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, position))
}
