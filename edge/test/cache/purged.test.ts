import t from 'tap'
import { keep } from '../../cache/admit.js'
import { keepEntry, type ResponseEntry } from '../../cache/entry.js'
import { isOutdatedAnswer, isOutdatedFetch, withoutOutdated } from '../../cache/outdated.js'
import { isPurged, withoutPurged } from '../../cache/purged.js'
import { Purges } from '../../cache/purges/purges.js'
import type { NumberedRule, PurgeRule } from '../../cache/purges/rule.js'
import { Mark } from '../../exchange.js'
import { answered, asking, find, roomOf, type TestRoom, textOf } from '../support/room.js'

const at = 1_000_000
const fields = ['cache-control', 'max-age=60', 'cache-tag', 'red']

/** A room whose purges the test makes. */
function purgingRoom() {
  const rules: NumberedRule[] = []
  const word = { now: 0, mark: () => word.now, sequence: () => word.now }
  const readNews = (after: number) => ({
    sequence: word.now,
    floor: 0,
    rules: rules.filter(({ sequence }) => sequence > after),
  })
  const room: TestRoom = { ...roomOf(), purges: new Purges({ readNews, openWord: () => word }) }
  const purge = (given: Partial<PurgeRule>): void => {
    word.now += 1
    const rule: PurgeRule = { kind: 'url', site: 'play', item: '', isSoft: false, atMs: at + 500, ...given }
    rules.push({ ...rule, sequence: word.now })
  }
  return { room, purge }
}

async function storedIn(room: TestRoom) {
  const x = asking('GET', '/', at)
  await keep(room, x, answered(x, fields), Buffer.from('body'))
  return x
}

t.test('withoutPurged() leaves what no purge names, and asks once', async t => {
  const { room, purge } = purgingRoom()
  const { key } = await storedIn(room)
  const x = asking('GET', '/', at + 1_000)
  const entry = keepEntry(room.store.get(key) as ResponseEntry)
  t.equal(withoutPurged(room.purges, x, entry), entry)
  t.equal(withoutPurged(undefined, x, entry), entry)
  t.equal(withoutPurged(room.purges, x, 'vary-miss'), 'vary-miss')
  purge({ item: 'other' })
  room.purges.obey()
  t.equal(entry.checkedAt, 0)
  t.equal(withoutPurged(room.purges, x, entry), entry)
  t.equal(entry.checkedAt, 1, 'and is younger than the purge from now on')
  t.equal(x.marks & Mark.purged, 0)
})

t.test('what is purged is missed, and its place is not known any more', async t => {
  const { room, purge } = purgingRoom()
  const { key } = await storedIn(room)
  purge({ kind: 'tag', item: 'red' })
  room.purges.obey()
  const x = asking('GET', '/', at + 1_000)
  x.storedKey = key
  t.equal(withoutOutdated(room, x, room.store.get(key) as ResponseEntry), 'uri-miss')
  t.equal(x.storedKey, '')
  t.not(x.marks & Mark.purged, 0)
})

t.test('what is purged softly is stale since then', async t => {
  const { room, purge } = purgingRoom()
  const { key } = await storedIn(room)
  purge({ item: key, isSoft: true })
  room.purges.obey()
  const found = find(room, '/', at + 1_000) as ResponseEntry
  t.equal(found.freshUntilMs, at + 500)
  t.equal(textOf(found), 'body')
  purge({ item: key, isSoft: true, atMs: at + 100_000 })
  room.purges.obey()
  const own = keepEntry(room.store.get(key) as ResponseEntry)
  const late = roomOf()
  const x = asking('GET', '/', at + 200_000)
  t.equal((withoutPurged(late.purges, x, own) as ResponseEntry).freshUntilMs, own.freshUntilMs)
})

t.test('what was asked for before a purge is not stored, what is asked for after it is', async t => {
  const { room, purge } = purgingRoom()
  const x = asking('GET', '/', at)
  const before = answered(x, fields)
  purge({ kind: 'tag', item: 'red' })
  t.equal(isOutdatedAnswer(room, x, before, at), true)
  t.equal(isOutdatedAnswer(room, x, answered(x, ['cache-control', 'max-age=60']), at), false, 'another tag')
  t.equal(isOutdatedAnswer(room, x, { ...before, fence: 1 }, at), false)
  await keep(room, x, before, Buffer.from('old'))
  t.equal(textOf(find(room, '/', at + 1)), 'uri-miss')
})

t.test('a purge that comes while an answer is committed takes it out again', async t => {
  const { room, purge } = purgingRoom()
  const { store } = room
  const x = asking('GET', '/', at)
  const late: TestRoom = {
    ...room,
    store: {
      get: key => store.get(key),
      remove: key => store.remove(key),
      status: () => store.status(),
      close: () => store.close(),
      put: async (key, record) => {
        await store.put(key, record)
        purge({ kind: 'site' })
      },
    },
  }
  await keep(late, x, answered(x, fields), Buffer.from('old'))
  t.equal(store.get(x.key), undefined)
  t.strictSame(room.failures, [])
})

t.test('a fetch that began before a purge is not followed after it', async t => {
  const { room, purge } = purgingRoom()
  const x = asking('GET', '/', at)
  const begun = { beganMs: at, fence: 0 }
  t.equal(isOutdatedFetch(room, x, begun, at), false)
  purge({ kind: 'tag', item: 'any' })
  room.purges.obey()
  t.equal(isOutdatedFetch(room, x, begun, at), true, 'which tags it brings is not known')
  t.equal(isOutdatedFetch(room, x, { ...begun, fence: 1 }, at), false)
})

t.test('isPurged() hears of what was purged since the entry was copied', async t => {
  const { room, purge } = purgingRoom()
  const { key } = await storedIn(room)
  const x = asking('GET', '/', at)
  const entry = keepEntry(room.store.get(key) as ResponseEntry)
  t.equal(isPurged(room.purges, x, entry), false)
  purge({ item: key, isSoft: true })
  t.equal(isPurged(room.purges, x, entry), false, 'what is stale may be used as such')
  purge({ item: key })
  t.equal(isPurged(room.purges, x, entry), true)
})
