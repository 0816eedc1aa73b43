import t from 'tap'
import { keep } from '../../cache/admit.js'
import { decide } from '../../cache/decide.js'
import { EntryFlag, keepEntry, type ResponseEntry } from '../../cache/entry.js'
import { anyGroupKey, invalidateGroup } from '../../cache/groups.js'
import { isOutdatedAnswer, isOutdatedFetch, withoutOutdated } from '../../cache/outdated.js'
import { mayUseStale } from '../../cache/stale-use.js'
import { answered, asking, find, refusing, roomOf, site, type TestRoom, textOf } from '../support/room.js'

const at = 1_000_000
const prefix = 'http play play.example'
const lasting = ['Cache-Control', 'max-age=60, stale-while-revalidate=60, stale-if-error=60', 'ETag', '"e"']
const grouped = [...lasting, 'Cache-Groups', '"g", "h"']

/** A room in which `/a` was stored, asked for at `at`. */
async function stored(fields: string[]): Promise<TestRoom> {
  const room = roomOf()
  const x = asking('GET', '/a', at)
  await keep(room, x, answered(x, fields), Buffer.from('body'))
  return room
}

t.test('withoutOutdated() leaves a miss and what nothing has invalidated as it is', async t => {
  const room = await stored(grouped)
  t.equal(find(room, '/b', at + 5), 'uri-miss')
  t.equal(textOf(find(room, '/a', at + 5)), 'body')
})

t.test('withoutOutdated() hands on the very entry while there is nothing to judge', async t => {
  const room = await stored(lasting)
  const x = asking('GET', '/a', at + 5)
  const entry = room.store.get(x.key) as ResponseEntry
  t.equal(withoutOutdated(room, x, entry), entry)
  t.equal(withoutOutdated({ store: room.store, onFailure: room.onFailure }, x, entry), entry)
})

t.test(
  'withoutOutdated() misses what was invalidated while its removal is on its way (RFC 9111 4.4)',
  async t => {
    const room = await stored(lasting)
    const slow: TestRoom = { ...room, store: refusing(room.store) }
    slow.invalidations.note(`${prefix}/a`, at + 2)
    t.equal(find(slow, '/a', at + 5), 'uri-miss')
    t.equal(textOf(find(slow, '/a', at + 60_000)), 'body', 'the store is believed again')
    slow.invalidations.note(`${prefix}/other`, at + 60_000)
    t.equal(find(slow, '/a', at + 60_000), 'uri-miss', 'as long as it is remembered')
  },
)

t.test('withoutOutdated() uses what was asked for after the invalidation', async t => {
  const room = await stored(lasting)
  room.invalidations.note(`${prefix}/a`, at - 1)
  t.equal(textOf(find(room, '/a', at + 5)), 'body')
})

t.test(
  'withoutOutdated() has a response of an invalidated group validated (RFC 9875 3, RFC 9111 4.4)',
  async t => {
    for (const group of ['g', 'h']) {
      const room = await stored(grouped)
      invalidateGroup(room, prefix, group, at + 2)
      const found = find(room, '/a', at + 5) as ResponseEntry
      const asked = { method: 'GET', marks: 0, hasBody: false }
      t.match(decide(found, asked, at + 5, site.rules, '/a'), { kind: 'expired' })
      for (const entry of [found, keepEntry(found)]) {
        t.equal(
          mayUseStale(entry, 'disconnected', site.rules, '/a', at + 5),
          false,
          'nothing permits to use it',
        )
        t.match(entry, { etag: '"e"', flags: EntryFlag.alwaysValidate | EntryFlag.grouped })
      }
      t.equal(
        (room.store.get(`${prefix}/a`) as ResponseEntry).flags,
        EntryFlag.grouped,
        'the store keeps its own',
      )
    }
  },
)

t.test('withoutOutdated() does not judge one entry by the groups of another', async t => {
  const room = await stored(grouped)
  const x = asking('GET', '/a', at + 5, { storedKey: `${prefix}/a` })
  const found = keepEntry(room.store.get(x.key) as ResponseEntry)
  const later = asking('GET', '/a', at + 3)
  await keep(room, later, answered(later, grouped), Buffer.from('another'))
  t.equal(withoutOutdated(room, x, found), 'uri-miss')
})

const answers: [row: string, fields: string[], key: string | undefined, expected: boolean][] = [
  ['nothing was invalidated', grouped, undefined, false],
  ['its URL was', lasting, `${prefix}/a`, true],
  ['another URL was', lasting, `${prefix}/b`, false],
  ['one of its groups was', grouped, `${prefix}\0group h`, true],
  ['another group was', grouped, `${prefix}\0group i`, false],
]
for (const [row, fields, key, expected] of answers) {
  t.test(`isOutdatedAnswer() ${row}: ${expected}`, async t => {
    const room = roomOf()
    const x = asking('GET', '/a', at)
    if (key !== undefined) room.invalidations.note(key, at + 2)
    t.equal(isOutdatedAnswer(room, x, answered(x, fields), at + 5), expected)
    const later = asking('GET', '/a', at + 3)
    t.equal(isOutdatedAnswer(room, later, answered(later, fields), at + 5), false, 'one asked for after')
    t.equal(isOutdatedAnswer({ ...room, invalidations: undefined }, x, answered(x, fields), at + 5), false)
  })
}

const fetches: [row: string, key: string | undefined, expected: boolean][] = [
  ['nothing was invalidated', undefined, false],
  ['its URL was', `${prefix}/a`, true],
  ['some group of its origin was', anyGroupKey(prefix), true],
  ['some group of another origin was', anyGroupKey('http play other.example'), false],
]
for (const [row, key, expected] of fetches) {
  t.test(`isOutdatedFetch() ${row}: ${expected}`, async t => {
    const room = roomOf()
    const x = asking('GET', '/a', at + 4)
    if (key !== undefined) room.invalidations.note(key, at + 2)
    t.equal(isOutdatedFetch(room, x, { beganMs: at, fence: 0 }, at + 5), expected)
    t.equal(isOutdatedFetch(room, x, { beganMs: at + 3, fence: 0 }, at + 5), false, 'one that began after')
    t.equal(
      isOutdatedFetch({ store: room.store, onFailure: room.onFailure }, x, { beganMs: at, fence: 0 }, at + 5),
      false,
    )
  })
}
