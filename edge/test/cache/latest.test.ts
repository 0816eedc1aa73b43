import t from 'tap'
import { latestEntry, putEntry, removeEntry } from '../../cache/latest.js'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'
import { recordOf } from '../support/store-records.js'

/** A store whose writes wait until they are let through. */
function slowStore(): { store: Store; commit: () => Promise<void>; fail: () => void } {
  const memory = openMemoryStore({ bytesMax: 100_000 })
  let waiting: { apply: () => Promise<void>; resolve: () => void; reject: (error: Error) => void }[] = []
  const later = (apply: () => Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => waiting.push({ apply, resolve, reject }))
  const take = () => {
    const writes = waiting
    waiting = []
    return writes
  }
  return {
    store: {
      get: key => memory.get(key),
      put: (key, record) => later(() => memory.put(key, record)),
      remove: key => later(() => memory.remove(key)),
      status: () => memory.status(),
      close: () => memory.close(),
    },
    commit: async () => {
      for (const { apply, resolve } of take()) await apply().then(resolve)
    },
    fail: () => {
      for (const { reject } of take()) reject(new Error('busy'))
    },
  }
}

function bytesUnder(store: Store, key: string): number | undefined {
  const entry = latestEntry(store, key)
  return entry?.kind === 'response' ? entry.body.length : undefined
}

t.test('latestEntry() sees what was asked for before it is done, and as long as it is there', async t => {
  const { store, commit } = slowStore()
  const put = putEntry(store, 'k', recordOf('k', 1))
  t.equal(bytesUnder(store, 'k'), 1)
  t.equal(store.get('k'), undefined)
  await commit()
  await put
  t.equal(bytesUnder(store, 'k'), 1)
  const removed = removeEntry(store, 'k')
  t.equal(bytesUnder(store, 'k'), undefined, 'its removal is on its way')
  await commit()
  await removed
  t.equal(bytesUnder(store, 'k'), undefined)
})

t.test('latestEntry() goes by the last of several writes, whichever ends first', async t => {
  const { store, commit } = slowStore()
  const writes = [putEntry(store, 'k', recordOf('k', 1)), removeEntry(store, 'k')]
  t.equal(bytesUnder(store, 'k'), undefined)
  writes.push(putEntry(store, 'k', recordOf('k', 2)))
  t.equal(bytesUnder(store, 'k'), 2)
  await commit()
  await Promise.all(writes)
  t.equal(bytesUnder(store, 'k'), 2)
})

t.test('latestEntry() goes by the store when a write failed', async t => {
  const { store, commit, fail } = slowStore()
  const first = putEntry(store, 'k', recordOf('k', 1))
  await commit()
  await first
  const second = putEntry(store, 'k', recordOf('k', 2))
  fail()
  await t.rejects(second, { message: 'busy' })
  t.equal(bytesUnder(store, 'k'), 1)
})

t.test('latestEntry() keeps stores apart', async t => {
  const [one, other] = [slowStore(), slowStore()]
  const put = putEntry(one.store, 'k', recordOf('k', 1))
  t.equal(bytesUnder(other.store, 'k'), undefined)
  await one.commit()
  await put
})
