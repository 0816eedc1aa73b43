// A store that tells when what was begun is done: an answer reaches its client before it is committed, and a play that
// wants to know whether it was stored must not guess when.
import { EventEmitter, once } from 'node:events'
import type { Store } from '../../cache/store.js'

export interface SettledStore extends Store {
  /** Puts and removals so far, done or not. */
  readonly writes: number
  /** Resolves when nothing is being written. */
  settled(): Promise<void>
}

export function settledStore(store: Store): SettledStore {
  const done = new EventEmitter()
  let pending = 0
  let writes = 0
  const noting = (write: Promise<void>): Promise<void> => {
    pending += 1
    writes += 1
    return write.finally(() => {
      pending -= 1
      done.emit('write')
    })
  }
  return {
    ...(store.bodies && { bodies: store.bodies }),
    get: (key, nowMs) => store.get(key, nowMs),
    refresh: keys => store.refresh?.(keys),
    put: (key, record) => noting(store.put(key, record)),
    remove: key => noting(store.remove(key)),
    status: () => store.status(),
    close: () => store.close(),
    get writes() {
      return writes
    },
    settled: async () => {
      while (pending > 0) await once(done, 'write')
    },
  }
}
