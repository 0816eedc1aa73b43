// Walks the index from key to key in pieces, without stopping whoever serves: for those who look at a cache from outside.
import { isUndamaged } from './checksum.js'
import type { Databases } from './databases.js'
import { decodeEntry, type Entry } from './entry.js'
import { readStoredKey, type StoredUrl } from './stored-url.js'

export interface Walked {
  readonly stored: string
  readonly place: StoredUrl
  /** On bytes of its own. Undefined when the record cannot be read as one. */
  readonly entry: Entry | undefined
  /** The record is what was stored under this key. */
  readonly isSound: boolean
  /** Of key and record. */
  readonly bytes: number
}

const pieceEntries = 256

/** The entries whose keys begin with `start`, in order; groups are left out. Throws what lmdb says. */
export async function* walk(databases: Databases, start = ''): AsyncGenerator<Walked> {
  for (let after: string | undefined = start; after !== undefined; ) {
    // What was committed meanwhile; and a snapshot that is held long keeps freed pages from being used again.
    databases.root.resetReadTxn()
    const piece: Walked[] = [...readPiece(databases, after, start)]
    yield* piece.filter(({ place }) => place.site !== '')
    after = piece.length < pieceEntries ? undefined : `${piece.at(-1)!.stored}\0`
    await new Promise(resolve => setImmediate(resolve))
  }
}

function* readPiece({ entries }: Databases, from: string, start: string): Generator<Walked> {
  for (const { key, value } of entries.getRange({ start: from, limit: pieceEntries })) {
    if (!key.startsWith(start)) return
    const record = Buffer.from(value)
    yield {
      stored: key,
      place: readStoredKey(key) ?? nowhere,
      entry: decodeEntry(record),
      isSound: isUndamaged(record, record.length, key),
      bytes: key.length + record.length,
    }
  }
}

const nowhere: StoredUrl = {
  site: '',
  key: '',
  url: '',
  variant: undefined,
  block: undefined,
  isBeginning: false,
}
