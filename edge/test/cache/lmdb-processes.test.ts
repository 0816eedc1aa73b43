// What one process keeps in memory of its own must be what another has committed: read at once, however often it was read
// before, and at the same moment of the clock.
import t from 'tap'
import { openLmdbStore } from '../../cache/lmdb.js'
import { openChanges, slotOf } from '../../shared/open-changes.js'
import { needsAddon } from '../shared/support/ground.js'
import { childFile, nextMessage, startChild } from '../support/store-process.js'

const bytesMax = 16 * 1024 * 1024
const rounds = 300
/** All happens in this millisecond. */
const nowMs = 5_000_000

t.test('a look-up after a commit elsewhere never finds what was before', needsAddon, async t => {
  const directory = t.testdir()
  const child = startChild(t, childFile, [directory, String(bytesMax), 'put-versions'])
  await nextMessage(child)
  const store = openLmdbStore({
    directory,
    bytesMax,
    writeQueueBytesMax: bytesMax,
    hotBytesMax: bytesMax,
    log: (_, message) => t.fail(message),
  })
  t.teardown(() => store.close())
  const changes = openChanges(directory)
  t.teardown(() => changes.close())
  const versionOf = (key: string): number | undefined => {
    const entry = store.get(key, nowMs)
    return entry?.kind === 'response' ? entry.storedAtMs : undefined
  }
  let stale = 0
  let hot = 0
  for (let version = 1; version <= rounds; version += 1) {
    const key = `key ${version % 3}`
    const isRemoved = version % 10 === 0
    const slot = slotOf(key)
    const count = changes.of(slot)
    const committed = nextMessage(child)
    child.send({ key, version: isRemoved ? -version : version })
    // Read within this turn, before and after the commit: a copy is there, and a snapshot, which lmdb keeps for the turn.
    const untilMs = performance.now() + 10_000
    while (changes.of(slot) === count && performance.now() < untilMs) versionOf(key)
    if (versionOf(key) !== (isRemoved ? undefined : version)) stale += 1
    const first = store.get(key, nowMs)
    if (first !== undefined && first === store.get(key, nowMs)) hot += 1
    await committed
  }
  t.equal(stale, 0)
  t.equal(hot, rounds - rounds / 10, 'the copy in memory was what answered')
})

t.test('what a writer did not come to say is found when the next one comes', needsAddon, async t => {
  const directory = t.testdir()
  const args = [directory, String(bytesMax), 'put-versions']
  const child = startChild(t, childFile, args)
  await nextMessage(child)
  const options = { directory, bytesMax, writeQueueBytesMax: bytesMax, hotBytesMax: bytesMax }
  const store = openLmdbStore({ ...options, log: (_, message) => t.fail(message) })
  t.teardown(() => store.close())
  child.send({ key: 'a', version: 7 })
  await nextMessage(child)
  t.match([store.get('a', nowMs), store.get('a', nowMs)], [{ storedAtMs: 7 }, { storedAtMs: 7 }])
  const changes = openChanges(directory)
  t.teardown(() => changes.close())
  const epoch = changes.epoch()
  child.kill('SIGKILL')
  await nextMessage(startChild(t, childFile, args))
  t.not(changes.epoch(), epoch)
  t.match(store.get('a', nowMs), { storedAtMs: 7 })
})

t.test('who writes alone finds what it has written, and what it removed is gone', needsAddon, async t => {
  const directory = t.testdir()
  const child = startChild(t, childFile, [directory, String(bytesMax), 'put-versions'])
  await nextMessage(child)
  child.send({ key: 'a', version: 7 })
  await nextMessage(child)
  const options = { directory, bytesMax, writeQueueBytesMax: bytesMax, hotBytesMax: bytesMax }
  const store = openLmdbStore({ ...options, log: (_, message) => t.fail(message) })
  t.teardown(() => store.close())
  t.match(store.get('a', nowMs), { storedAtMs: 7 })
  await store.remove('a')
  t.equal(store.get('a', nowMs), undefined)
})
