import t from 'tap'
import { openMemoryStore } from '../../cache/memory.js'
import { storeContract } from '../support/store-contract.js'
import { faultOf, recordOf } from '../support/store-records.js'

const bytesMax = 32 * 1024 * 1024

t.test('openMemoryStore() keeps the contract of a store', async t => {
  storeContract(t, () => openMemoryStore({ bytesMax }))
})

t.test('put() lets the oldest go when bytesMax is reached', async t => {
  const record = recordOf('0', 1_000)
  const store = openMemoryStore({ bytesMax: 3 * (record.length + 1) })
  for (const key of ['0', '1', '2']) await store.put(key, recordOf(key, 1_000))
  await store.put('0', recordOf('0', 1_000))
  await store.put('3', recordOf('3', 1_000))
  t.equal(store.get('1'), undefined, 'the oldest is gone')
  for (const key of ['0', '2', '3']) t.equal(faultOf(key, store.get(key)), '', key)
  t.strictSame(store.status(), { entries: 3, bytes: 3 * (record.length + 1) })
})

t.test('put() copies the record', async t => {
  const store = openMemoryStore({ bytesMax })
  const record = recordOf('a', 100)
  await store.put('a', record)
  record.fill(0)
  t.equal(faultOf('a', store.get('a')), '')
})
