import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Databases, measure, openDatabases, readStampMs, transact } from '../../cache/databases.js'
import { Evictor, evictOldest } from '../../cache/evict.js'
import { orderKey } from '../../cache/key-bytes.js'
import { openLmdbStore } from '../../cache/lmdb.js'
import type { LmdbStore } from '../../cache/lmdb-store.js'
import { childFile as child, nextMessage, startChild } from '../support/store-process.js'
import { faultOf, recordOf } from '../support/store-records.js'

const mebibyte = 1024 * 1024
const bytesMax = 16 * mebibyte

function open(t: Test, directory: string): LmdbStore {
  const store = openLmdbStore({ directory, bytesMax, writeQueueBytesMax: 4 * mebibyte, log: () => {} })
  t.teardown(() => store.close())
  return store
}

t.test('eviction keeps status().bytes under bytesMax over three times as many bytes of writes', async t => {
  for (const [name, size, burst] of [
    ['1 KB', 1_000, 256],
    ['20 KB', 20_000, 32],
    ['1 MiB', mebibyte, 1],
  ] as const) {
    const store = open(t, join(t.testdirName, name.replace(' ', '')))
    const count = Math.ceil((3 * bytesMax) / size / burst) * burst
    let largest = 0
    let refused = 0
    for (let i = 0; i < count; i += burst) {
      const keys = Array.from({ length: burst }, (_, j) => `${name}:${i + j}`)
      const puts = keys.map(key => store.put(key, recordOf(key, size)))
      for (const put of await Promise.allSettled(puts)) if (put.status === 'rejected') refused++
      largest = Math.max(largest, store.status().bytes)
    }
    t.ok(largest <= bytesMax, `${name}: at most ${largest} bytes`)
    t.ok(largest > bytesMax / 2, `${name}: the room is used`)
    t.ok(refused < count / 20, `${name}: ${refused} of ${count} refused`)
    t.ok(store.get(`${name}:0`) === undefined, `${name}: the oldest is gone`)
    const last = `${name}:${count - 1}`
    t.equal(faultOf(last, store.get(last)), '', `${name}: the newest is there`)
  }
})

t.test('two processes that write and evict at once keep what is stored whole and under the cap', async t => {
  const directory = t.testdir()
  const children = ['x', 'y'].map(name => startChild(t, child, [directory, String(bytesMax), '1000', name]))
  const answers = await Promise.all(children.map(nextMessage))
  const store = open(t, directory)
  const { bytes, entries } = store.status()
  t.ok(bytes <= bytesMax, `${bytes} bytes`)
  t.ok(entries > 300, `${entries} entries`)
  let readable = 0
  for (const name of ['x', 'y']) {
    for (let i = 0; i < 1_000; i++) {
      const entry = store.get(`${name}:${i}`)
      if (entry === undefined) continue
      readable++
      if (faultOf(`${name}:${i}`, entry) !== '') t.fail(`${name}:${i}`)
    }
  }
  t.equal(readable, entries)
  t.ok(
    answers.every(answer => Number(answer.stored) > 800),
    JSON.stringify(answers),
  )
})

async function databasesWith(t: Test, stamps: readonly [string, number][]): Promise<Databases> {
  const databases = openDatabases(t.testdir(), bytesMax)
  t.teardown(() => databases.root.close())
  await transact(databases, () => {
    for (const [key, stampMs] of stamps) store(databases, key, stampMs)
    return []
  })
  return databases
}

function store(databases: Databases, key: string, stampMs: number): void {
  const size = Buffer.from(Uint32Array.of(8_000).buffer)
  const { entries, order } = databases
  entries.put(key, recordOf(key, 5_000), stampMs)
  order.put(orderKey(stampMs, key), size)
}

t.test('evictOldest() deletes the oldest first and only as many as are wanted', async t => {
  const databases = await databasesWith(t, [
    ['c', 30],
    ['a', 10],
    ['b', 20],
  ])
  t.equal(await evictOldest(databases, 9_000), 2)
  t.strictSame(
    ['a', 'b', 'c'].map(key => readStampMs(databases, key)),
    [undefined, undefined, 30],
  )
  t.equal(await evictOldest(databases, 1), 1)
  t.equal(await evictOldest(databases, 1), 0, 'nothing left')
  t.strictSame(databases.order.getKeysCount({ start: '' }), 0)
})

t.test('evictOldest() skips an entry that was replaced since, and drops its old place', async t => {
  const databases = await databasesWith(t, [
    ['a', 10],
    ['a', 40],
    ['b', 20],
  ])
  t.equal(await evictOldest(databases, 16_000), 2)
  t.equal(readStampMs(databases, 'a'), 40)
  t.equal(readStampMs(databases, 'b'), undefined)
})

t.test('evictOldest() twice at the same time deletes no more than once', async t => {
  const stamps = Array.from({ length: 40 }, (_, i): [string, number] => [`k${i}`, i + 1])
  const databases = await databasesWith(t, stamps)
  await Promise.all([evictOldest(databases, 80_000), evictOldest(databases, 80_000)])
  t.equal(measure(databases).entries, 30)
})

t.test('Evictor.admits() refuses while over bytesMax, and makes room', async t => {
  const stamps = Array.from({ length: 100 }, (_, i): [string, number] => [`k${i}`, i + 1])
  const databases = await databasesWith(t, stamps)
  const cap = measure(databases).bytes
  const evictor = new Evictor({ databases, bytesMax: cap, log: () => {}, now: () => 0 })
  t.equal(evictor.admits(1), false)
  await evictor.stop()
  const other = new Evictor({ databases, bytesMax: cap, log: () => {}, now: () => 0 })
  t.equal(other.admits(cap), false)
  await new Promise(resolve => setImmediate(resolve))
  await t.resolves(other.stop())
  t.ok(measure(databases).entries <= 100)
})

t.test('Evictor says it when it cannot evict, and tries again later', async t => {
  const databases = await databasesWith(t, [['a', 10]])
  const said: string[] = []
  const log = (level: string, message: string) => said.push(`${level} ${message}`)
  const failing = {
    ...databases,
    order: { ...databases.order, getStats: () => databases.order.getStats(), getRange: fail },
  }
  const options = { databases: failing as unknown as Databases, bytesMax: 1, log, now: () => 0 }
  const evictor = new Evictor(options)
  for (let round = 1; round <= 2; round++) {
    t.equal(evictor.admits(1), false)
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
    t.strictSame(said, Array(round).fill('warn the cache could not evict'))
  }
  await evictor.stop()
})

function fail(): never {
  throw new Error('broken')
}
