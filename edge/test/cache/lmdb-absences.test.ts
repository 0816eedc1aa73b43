// What a store knows to be absent, and what is put there by whomever.
import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { openLmdbStore } from '../../cache/lmdb.js'
import { slotOf } from '../../shared/open-changes.js'
import { hashOf } from '../../shared/sketch-file.js'
import { childFile as child, ended, nextMessage, startChild } from '../support/store-process.js'
import { faultOf, recordOf } from '../support/store-records.js'

const bytesMax = 32 * 1024 * 1024

t.test('get() of what was not there sees what anybody has put there since', async t => {
  const directory = t.testdir()
  const store = openLmdbStore({ directory, bytesMax, writeQueueBytesMax: bytesMax, log: () => {} })
  t.teardown(() => store.close())
  const other = startChild(t, child, [directory, String(bytesMax), 'put-on-demand'])
  await nextMessage(other)
  for (let round = 0; round < 10; round++) {
    const [theirs, own] = [`their-${round}`, `own-${round}`]
    for (const key of [theirs, own]) {
      t.equal(store.get(key, 1_000), undefined)
      t.equal(store.get(key, 1_001), undefined)
      const [hash, generation] = [hashOf(key), store.changes?.of(slotOf(key))]
      if (generation !== undefined)
        t.equal(store.hot?.absences.checkedMs(key, hash, generation, 1_001), 1_000)
    }
    other.send(theirs)
    await Promise.all([nextMessage(other), store.put(own, recordOf(own, 1_000))])
    t.equal(faultOf(own, store.get(own, 1_002)), '', own)
    await after(0)
    t.equal(faultOf(theirs, store.get(theirs, 1_002)), '', theirs)
  }
  t.equal(store.get('neither', 1_000), undefined)
  store.changes?.renew()
  t.equal(store.get('neither', 1_001), undefined)
  if (store.changes !== undefined) {
    const [hash, generation] = [hashOf('neither'), store.changes.of(slotOf('neither'))]
    t.equal(store.hot?.absences.checkedMs('neither', hash, generation, 1_001), 1_001, 'looked for again')
  }
  other.disconnect()
  await ended(other)
})
