// A store of which a worker sees an old snapshot until it refreshes, as LMDB shows one within a turn of the loop.
import { type Entry, keepEntry } from '../../cache/entry.js'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'

/** The store as all others see it, and as one worker does that says `freeze` and reads `keys`. */
export function snapshotStore(keys: readonly string[]): { store: Store; late: Store; freeze(): void } {
  const store = openMemoryStore({ bytesMax: 64 * 1024 * 1024 })
  let snapshot: Map<string, Entry | undefined> | undefined
  const late: Store = {
    get: (key, nowMs) => (snapshot?.has(key) ? snapshot.get(key) : store.get(key, nowMs)),
    refresh: () => {
      snapshot = undefined
    },
    put: (key, record) => store.put(key, record),
    remove: key => store.remove(key),
    status: () => store.status(),
    close: () => store.close(),
  }
  return {
    store,
    late,
    freeze: () => {
      snapshot = new Map(keys.map(key => [key, kept(store.get(key))]))
    },
  }
}

function kept(entry: Entry | undefined): Entry | undefined {
  return entry?.kind === 'response' ? keepEntry(entry) : entry
}
