import { mock } from 'node:test'
import t from 'tap'
import { openLmdbStore } from '../../cache/lmdb.js'
import { gatheringMs } from '../../cache/write-queue.js'
import { recordOf } from '../support/store-records.js'

t.test('gatheringMs() is nothing for who hurries, once in a while', async t => {
  const cases = [
    { name: 'nobody hurries', nowMs: 1_000, hurryUntilMs: 0, lastBeganMs: 0, waitMs: 10 },
    {
      name: 'the first',
      nowMs: 1_000,
      hurryUntilMs: 1_010,
      lastBeganMs: Number.NEGATIVE_INFINITY,
      waitMs: 0,
    },
    { name: 'long after a commit', nowMs: 1_000, hurryUntilMs: 1_010, lastBeganMs: 900, waitMs: 0 },
    { name: 'behind a commit', nowMs: 1_000, hurryUntilMs: 1_010, lastBeganMs: 997, waitMs: 7 },
    { name: 'right behind it', nowMs: 1_000, hurryUntilMs: 1_010, lastBeganMs: 1_000, waitMs: 10 },
    { name: 'nobody hurries any more', nowMs: 1_011, hurryUntilMs: 1_010, lastBeganMs: 900, waitMs: 10 },
  ]
  for (const { name, nowMs, hurryUntilMs, lastBeganMs, waitMs } of cases) {
    t.equal(gatheringMs(nowMs, hurryUntilMs, lastBeganMs), waitMs, name)
  }
})

t.test('hurry() does not let what is put wait for others', async t => {
  for (const isFirst of [true, false]) {
    const store = openLmdbStore({
      ...{ directory: t.testdir(), bytesMax: 2 ** 25, writeQueueBytesMax: 2 ** 20 },
      log: () => {},
    })
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      if (isFirst) store.hurry()
      let isStored = false
      const stored = store.put('key', recordOf('key', 100)).then(() => {
        isStored = true
      })
      // Past the microtasks between `put` and its timer.
      await new Promise(setImmediate)
      if (!isFirst) {
        mock.timers.tick(9)
        await new Promise(setImmediate)
        t.notOk(isStored, 'it waits for others')
        store.hurry()
      }
      mock.timers.tick(1)
      await stored
      t.ok(isStored)
    } finally {
      mock.timers.reset()
      await store.close()
    }
  }
})
