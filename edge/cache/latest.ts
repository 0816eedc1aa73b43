// What a key holds once everything asked of the store is done. A store shows a write only when it is committed, some
// milliseconds later, and who changes the list of a URL's variants in between must begin with what was asked for last:
// else the changes of the meantime are lost, and what was taken out of use comes back. Look-ups do not come here.
import { decodeEntry, type Entry } from './entry.js'
import type { Store } from './store.js'

/** By key, what was asked for and is not done; as many as the store lets wait. An object of its own per write. */
const waiting = new WeakMap<Store, Map<string, { readonly entry: Entry | undefined }>>()

/** As `store.get`, and valid for no longer. */
export function latestEntry(store: Store, key: string): Entry | undefined {
  const write = waiting.get(store)?.get(key)
  return write === undefined ? store.get(key) : write.entry
}

/** As `store.put`. */
export function putEntry(store: Store, key: string, record: Uint8Array): Promise<void> {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength)
  return noting(store, key, decodeEntry(bytes), store.put(key, record))
}

/** As `store.remove`. Under the key of a URL it takes all of its variants out of use. */
export function removeEntry(store: Store, key: string): Promise<void> {
  return noting(store, key, undefined, store.remove(key))
}

async function noting(
  store: Store,
  key: string,
  entry: Entry | undefined,
  written: Promise<void>,
): Promise<void> {
  const writes = waiting.get(store) ?? new Map<string, { readonly entry: Entry | undefined }>()
  waiting.set(store, writes)
  const write = { entry }
  writes.set(key, write)
  try {
    await written
  } finally {
    if (writes.get(key) === write) writes.delete(key)
  }
}
