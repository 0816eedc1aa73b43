// Brings the index of an older version forward, before anybody serves from it: once, entry by entry, in transactions of
// which each can be the last; who is killed in between begins again.
import { type Databases, openDatabases, readStampMs, transactNow } from './databases.js'
import { orderKey } from './key-bytes.js'
import { magic, offset } from './layout.js'
import { upgraded } from './upgrade.js'

/** Entries of one transaction. */
const pieceEntries = 1_000

export interface Migrated {
  entries: number
  /** Could not be read as what they should be, and were removed. */
  dropped: number
}

/** Nobody else may have the index open. Rejects with what lmdb says. */
export async function migrate(cacheDirectory: string, indexBytesMax: number): Promise<Migrated> {
  const databases = openDatabases(cacheDirectory, indexBytesMax)
  const migrated = { entries: 0, dropped: 0 }
  try {
    for (let after: string | undefined = ''; after !== undefined; )
      after = migratePiece(databases, after, migrated)
    await databases.root.flushed
  } finally {
    await databases.root.close()
    databases.changes?.close()
    databases.marks?.close()
  }
  return migrated
}

/** Returns where to go on; undefined at the end. */
function migratePiece(databases: Databases, after: string, migrated: Migrated): string | undefined {
  const { entries, root } = databases
  root.resetReadTxn()
  const piece: { key: string; record: Buffer }[] = []
  for (const { key, value } of entries.getRange({ start: `${after}\0`, limit: pieceEntries })) {
    piece.push({ key, record: Buffer.from(value) })
  }
  transactNow(databases, false, () => {
    for (const { key, record } of piece) put(databases, key, upgraded(record, key), record, migrated)
  })
  return piece.length < pieceEntries ? undefined : piece.at(-1)!.key
}

function put(
  databases: Databases,
  key: string,
  record: Buffer | undefined,
  before: Buffer,
  migrated: Migrated,
): void {
  // Brought forward by one who was killed.
  if (isCurrent(before)) return
  const stampMs = readStampMs(databases, key)
  if (stampMs === undefined) return
  if (record !== undefined) {
    databases.entries.putSync(key, record, stampMs)
    migrated.entries += 1
    return
  }
  databases.entries.removeSync(key)
  databases.order.removeSync(orderKey(stampMs, key))
  migrated.dropped += 1
}

function isCurrent(record: Buffer): boolean {
  return record.length >= 4 && record.readUInt32LE(offset.magic) === magic
}
