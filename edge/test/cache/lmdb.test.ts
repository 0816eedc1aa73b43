import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { inspectIndex, setAside } from '../../cache/inspect.js'
import { openLmdbStore } from '../../cache/lmdb.js'
import type { LmdbStore } from '../../cache/lmdb-store.js'
import { storeContract } from '../support/store-contract.js'
import { childFile as child, ended, nextMessage, startChild } from '../support/store-process.js'
import { faultOf, randomFrom, recordOf } from '../support/store-records.js'

const mebibyte = 1024 * 1024
const bytesMax = 32 * mebibyte

function open(directory: string, more: { writeQueueBytesMax?: number; now?: () => number } = {}): LmdbStore {
  return openLmdbStore({
    directory,
    bytesMax,
    writeQueueBytesMax: 16 * mebibyte,
    hotBytesMax: 4 * mebibyte,
    log: () => {},
    ...more,
  })
}

function opened(t: Test, directory = t.testdir()): LmdbStore {
  const store = open(directory)
  t.teardown(() => store.close())
  return store
}

t.test('openLmdbStore() keeps the contract of a store', async t => {
  storeContract(t, test => open(test.testdir()))
})

t.test('what is put survives closing and opening again', async t => {
  const directory = t.testdir()
  const store = open(directory)
  for (const key of ['a', 'b', 'k'.repeat(5_000)]) await store.put(key, recordOf(key, 3_000))
  await store.remove('b')
  await store.close()
  t.equal(store.get('a'), undefined, 'nothing after close()')
  t.strictSame(store.status(), { entries: 0, bytes: 0 })
  await t.rejects(store.put('c', recordOf('c', 1)), { code: 'store-failed' })
  await t.rejects(store.remove('c'), { code: 'store-failed' })
  const again = opened(t, directory)
  t.equal(faultOf('a', again.get('a')), '')
  t.equal(again.get('b'), undefined)
  t.equal(faultOf('k'.repeat(5_000), again.get('k'.repeat(5_000))), '')
  t.strictSame(inspectIndex(directory), { state: 'sound' })
})

t.test('put() refuses with store-busy what would wait beyond writeQueueBytesMax', async t => {
  const store = open(t.testdir(), { writeQueueBytesMax: 40_000 })
  const puts = ['a', 'b', 'c'].map(key => store.put(key, recordOf(key, 15_000)))
  const results = await Promise.allSettled(puts)
  t.strictSame(
    results.map(result => result.status),
    ['fulfilled', 'fulfilled', 'rejected'],
  )
  t.match(results[2], { reason: { code: 'store-busy', source: 'edge', status: 500 } })
  await store.put('c', recordOf('c', 15_000))
  const removals = await Promise.allSettled(Array.from({ length: 1_000 }, () => store.remove('c')))
  t.match(removals.at(-1), { reason: { code: 'store-busy' } })
  t.equal(store.get('c'), undefined)
  await store.close()
})

t.test('get() sees what another process committed in the next turn, after refresh() at once', async t => {
  const directory = t.testdir()
  const store = opened(t, directory)
  const other = startChild(t, child, [directory, String(bytesMax), 'put-on-demand'])
  await nextMessage(other)
  for (let round = 0; round < 20; round++) {
    const key = `key-${round}`
    other.send(key)
    await nextMessage(other)
    if (round % 3 === 0) store.refresh()
    else if (round % 3 === 1) store.refresh([key])
    else await after(0)
    t.equal(faultOf(key, store.get(key)), '', key)
  }
  other.disconnect()
  await ended(other)
})

t.test('get() of an entry kept in memory sees what another process put in its place, or removed', async t => {
  const directory = t.testdir()
  const store = opened(t, directory)
  const other = startChild(t, child, [directory, String(bytesMax), 'put-on-demand'])
  await nextMessage(other)
  for (let round = 0; round < 10; round++) {
    const key = `key-${round}`
    await store.put(key, recordOf('another key', 1_000))
    for (let reading = 0; reading < 3; reading++) t.not(faultOf(key, store.get(key)), '', 'the first one')
    t.equal(store.get(key), store.get(key), 'from memory')
    other.send(key)
    await nextMessage(other)
    await after(0)
    t.equal(faultOf(key, store.get(key)), '', key)
    store.get(key)
    await store.remove(key)
    t.equal(store.get(key), undefined)
  }
  other.disconnect()
  await ended(other)
})

t.test('two processes write at once and read each other', async t => {
  const directory = t.testdir()
  const count = 150
  const children = ['x', 'y'].map(name =>
    startChild(t, child, [directory, String(bytesMax), String(count), name]),
  )
  for (const answer of await Promise.all(children.map(nextMessage))) {
    t.match(answer, { stored: count, codes: [], firstIsReadable: true })
  }
  const store = opened(t, directory)
  for (const name of ['x', 'y']) {
    const faults = Array.from({ length: count }, (_, i) => faultOf(`${name}:${i}`, store.get(`${name}:${i}`)))
    t.strictSame(faults, Array(count).fill(''), name)
  }
})

t.test('kill -9 at any moment: the index stays sound, every entry is whole', async t => {
  const directory = t.testdir()
  const seed = Date.now() >>> 0
  const random = randomFrom(seed)
  t.comment(`seed ${seed}`)
  let found = 0
  for (let kill = 0; kill < 10; kill++) {
    const args = [directory, String(bytesMax), 'write-for-ever']
    const children = ['x', 'y'].map(name => startChild(t, child, [...args, name], { seed: seed + kill }))
    await Promise.all(children.map(nextMessage))
    await after(random() * 120)
    for (const each of children) each.kill('SIGKILL')
    await Promise.all(children.map(ended))
    t.strictSame(inspectIndex(directory), { state: 'sound' }, `after kill ${kill}`)
    const store = open(directory)
    const faults = faultsOf(store)
    found += 160 - faults.filter(fault => fault === 'absent').length
    t.strictSame(
      faults.filter(fault => fault !== '' && fault !== 'absent'),
      [],
    )
    await store.put('after', recordOf('after', 5_000))
    t.equal(faultOf('after', store.get('after')), '')
    await store.close()
  }
  t.ok(found > 20, `${found} entries read`)
})

function faultsOf(store: LmdbStore): string[] {
  const keys = ['x', 'y'].flatMap(name => Array.from({ length: 40 }, (_, i) => `${name}:${i}`))
  return keys.flatMap(key => [key, `${key}:b`]).map(key => faultOf(key, store.get(key)))
}

t.test(
  'put() rejects with store-full on a full disk; reading goes on and no rejection is left over',
  async t => {
    const directory = t.testdir()
    const other = startChild(t, child, [directory, String(bytesMax), '200', 'f'], { fileBlocksMax: 4_096 })
    const answer = await nextMessage(other)
    await ended(other)
    // A write that the limit cuts short is reported as EIO, one that starts beyond it as EFBIG.
    t.match(String(answer.codes), /^store-(full|failed)(,store-(full|failed))?$/)
    t.ok(Number(answer.stored) > 10 && Number(answer.stored) < 200, `${answer.stored} stored`)
    t.equal(answer.firstIsReadable, true)
    t.equal(other.exitCode, 0)
    const store = opened(t, directory)
    t.equal(faultOf('f:0', store.get('f:0')), '')
    await store.put('more', recordOf('more', 100_000))
    t.equal(faultOf('more', store.get('more')), '', 'when there is room again it is used')
  },
)

t.test('a truncated file is found before it is opened, and set aside for an empty one', async t => {
  const directory = t.testdir()
  const store = open(directory)
  for (let i = 0; i < 50; i++) await store.put(`k${i}`, recordOf(`k${i}`, 10_000))
  await store.close()
  const path = join(directory, 'index', 'data.mdb')
  truncateSync(path, Math.floor(statSync(path).size / 2))
  t.match(inspectIndex(directory), { state: 'damaged', reason: /meta page names/ })
  t.ok(readFileSync(join(setAside(directory), 'data.mdb')).length > 0)
  t.strictSame(inspectIndex(directory), { state: 'absent' })
  const empty = opened(t, directory)
  t.equal(empty.get('k1'), undefined)
  await empty.put('k1', recordOf('k1', 10))
  t.equal(faultOf('k1', empty.get('k1')), '')
})

t.test(
  'a page that is damaged inside makes entries absent and writes fail, and is said once a second',
  async t => {
    const directory = t.testdir()
    const store = open(directory)
    await store.put('damaged-key', recordOf('damaged-key', 100))
    await store.close()
    const path = join(directory, 'index', 'data.mdb')
    const bytes = readFileSync(path)
    // The flags of every page that holds the key: neither branch nor leaf any more.
    for (let page = 2 * 4_096; page < bytes.length; page += 4_096) {
      if (bytes.subarray(page, page + 4_096).includes('damaged-key')) bytes.writeUInt16LE(0, page + 18)
    }
    writeFileSync(path, bytes)
    const said: string[] = []
    let nowMs = 5_000
    const log = (level: string, message: string) => said.push(`${level} ${message}`)
    const damaged = openLmdbStore({
      directory,
      bytesMax,
      writeQueueBytesMax: mebibyte,
      log,
      now: () => nowMs,
    })
    t.teardown(() => damaged.close())
    t.equal(damaged.get('damaged-key'), undefined)
    t.equal(damaged.get('damaged-key'), undefined)
    t.strictSame(said, ['error the cache could not be read'])
    nowMs += 2_000
    t.equal(damaged.get('damaged-key'), undefined)
    t.equal(said.length, 2)
    t.ok(damaged.status().bytes > 0)
    await t.rejects(damaged.put('x', recordOf('x', 1)), { code: 'store-failed', source: 'edge' })
    await t.rejects(
      damaged.put('y', recordOf('y', 1)),
      { code: 'store-failed' },
      'and is not tried again at once',
    )
  },
)
