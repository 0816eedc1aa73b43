import t from 'tap'
import { groupKey, invalidateGroup, isGroupInvalidated } from '../../cache/groups.js'
import { openMemoryStore } from '../../cache/memory.js'
import { normaliseTarget } from '../../http/target.js'
import { refusing, roomOf, type TestRoom } from '../support/room.js'

const prefix = 'http play play.example'
const at = 1_000_000
const hour = 3_600_000

/** A room that knows of the invalidation by the store alone, as another worker or a later process does. */
function elsewhere(room: TestRoom): TestRoom {
  return roomOf(room.store)
}

t.test('groupKey() is no key of a URL', async t => {
  t.equal(normaliseTarget(groupKey('', 'g')), undefined)
  t.not(groupKey(prefix, 'a'), groupKey(prefix, 'b'))
})

const cases: [row: string, groups: string[], askedAtMs: number, here: boolean, there: boolean][] = [
  ['asked before', ['g'], at - 1, true, true],
  ['one of several', ['f', 'g'], at - 1, true, true],
  ['asked at the same time', ['g'], at, true, true],
  ['asked after, in the same millisecond', ['g'], at + 0.5, false, true],
  ['asked after', ['g'], at + 1, false, false],
  ['another group', ['f', 'G'], at - 1, false, false],
  ['no group', [], at - 1, false, false],
]
for (const [row, groups, askedAtMs, here, there] of cases) {
  t.test(`isGroupInvalidated() RFC 9875 3 ${row}`, async t => {
    const room = roomOf()
    invalidateGroup(room, prefix, 'g', at)
    t.equal(isGroupInvalidated(room, prefix, groups, askedAtMs, at + 2), here)
    t.equal(
      isGroupInvalidated(elsewhere(room), prefix, groups, askedAtMs, at + 2),
      there,
      'in another worker',
    )
  })
}

t.test('isGroupInvalidated() keeps origins apart (RFC 9875 2.1)', async t => {
  const room = roomOf()
  invalidateGroup(room, prefix, 'g', at)
  t.equal(isGroupInvalidated(room, 'http play other.example', ['g'], at - 1, at), false)
})

t.test('isGroupInvalidated() goes by the last of several invalidations', async t => {
  const room = roomOf()
  invalidateGroup(room, prefix, 'g', at)
  invalidateGroup(room, prefix, 'g', at + 10)
  t.equal(isGroupInvalidated(elsewhere(room), prefix, ['g'], at + 5, at + 20), true)
})

t.test('isGroupInvalidated() takes an invalidation from the future for one of now, once', async t => {
  const room = roomOf()
  invalidateGroup(room, prefix, 'g', at)
  const there = elsewhere(room)
  const nowMs = at - hour
  const isOut = (askedAtMs: number): boolean => isGroupInvalidated(there, prefix, ['g'], askedAtMs, nowMs)
  t.equal(isOut(at - 5), true, 'asked before the clock was set back')
  t.equal(isOut(nowMs), false, 'asked now')
  t.equal(isOut(nowMs - 5), true)
})

t.test('invalidateGroup() holds in this worker although the store refuses it', async t => {
  const room = roomOf(refusing(openMemoryStore({ bytesMax: 1_000 })))
  invalidateGroup(room, prefix, 'g', at)
  await new Promise(setImmediate)
  t.match(room.failures, [{ error: { code: 'store-failed' }, key: groupKey(prefix, 'g') }])
  t.equal(isGroupInvalidated(room, prefix, ['g'], at - 1, at + hour), true)
})

t.test('invalidateGroup() needs no memory of its own beside the store', async t => {
  const { store, onFailure } = roomOf()
  invalidateGroup({ store, onFailure }, prefix, 'g', at)
  t.equal(isGroupInvalidated({ store, onFailure }, prefix, ['g'], at - 1, at), true)
})
