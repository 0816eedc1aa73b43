// Looks at a file before LMDB opens it, which ends the process when it is no database of its own. Little-endian, 64 bits, as
// lmdb-js's LMDB 0.9.90 writes it.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const magic = 0xbeefc0de
const headerBytes = 24
const metaBytes = headerBytes + 144

/** Why it is no database that may be opened; undefined: it may. `isWhole`: of a snapshot, which has all its pages. */
export function whyNoDatabase(path: string, isWhole: boolean): string | undefined {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const first = metaAt(descriptor, 0)
    if (first === undefined) return 'it is no database of control'
    const second = metaAt(descriptor, first.pageBytes)
    if (second === undefined) return 'it ends within its first pages'
    const { lastPage } = second.transaction > first.transaction ? second : first
    const wanted = (lastPage + 1) * first.pageBytes
    return isWhole && size < wanted ? `it has ${size} of ${wanted} bytes` : undefined
  } finally {
    closeSync(descriptor)
  }
}

function metaAt(descriptor: number, position: number) {
  const page = Buffer.alloc(metaBytes)
  const isThere = readSync(descriptor, page, 0, metaBytes, position) === metaBytes
  if (!isThere || page.readUInt32LE(headerBytes) !== magic) return undefined
  return {
    pageBytes: page.readUInt32LE(headerBytes + 24),
    lastPage: Number(page.readBigUInt64LE(headerBytes + 120)),
    transaction: page.readBigUInt64LE(headerBytes + 128),
  }
}
