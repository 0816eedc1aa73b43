import t from 'tap'
import { keep } from '../../cache/admit.js'
import { affectStore } from '../../cache/affect.js'
import type { ResponseEntry } from '../../cache/entry.js'
import { openMemoryStore } from '../../cache/memory.js'
import { type Exchange, Mark } from '../../exchange.js'
import { siteOf } from '../support/exchange.js'
import { answered, asking, find, refusing, roomOf, type TestRoom, textOf } from '../support/room.js'

const at = 1_000_000
const second = 1_000
const minute = ['Cache-Control', 'max-age=60']
const expired = ['Cache-Control', 'max-age=1', 'ETag', '"e"']

async function put(room: TestRoom, target: string, fields: string[] = minute, more: Partial<Exchange> = {}) {
  const x = asking('GET', target, at, more)
  await keep(room, x, answered(x, fields), Buffer.from('body'))
}

/** What `method` answered by `status` and `fields` makes of the store, at `at + 5`. */
function affect(
  room: TestRoom,
  method: string,
  fields: string[],
  status = 200,
  more: Partial<Exchange> = {},
) {
  const x = asking(method, '/a', at + 5, more)
  return affectStore(room, x, 'alone', answered(x, fields, status))
}

const unsafe: [row: string, method: string, status: number, isGone: boolean][] = [
  ['9111 4.4 POST', 'POST', 200, true],
  ['9111 4.4 an unknown method', 'FROB', 204, true],
  ['9111 4.4 a redirection', 'PUT', 303, true],
  ['9111 4.4 an error', 'DELETE', 404, false],
  ['9111 4.4 a failure', 'PATCH', 500, false],
  ['9110 9.2.1 a safe method', 'OPTIONS', 200, false],
]
for (const [row, method, status, isGone] of unsafe) {
  t.test(`affectStore() RFC ${row} ${status}`, async t => {
    const room = roomOf()
    await put(room, '/a')
    await put(room, '/b')
    t.equal(affect(room, method, [], status), undefined)
    t.equal(textOf(find(room, '/a', at + 9)), isGone ? 'uri-miss' : 'body')
    t.equal(textOf(find(room, '/b', at + 9)), 'body')
  })
}

t.test('affectStore() drops all variants of a URL for good (RFC 9111 4.4)', async t => {
  const room = roomOf()
  const vary = [...minute, 'Vary', 'X-Side']
  for (const side of ['left', 'right']) await put(room, '/a', vary, { fields: ['x-side', side] })
  affect(room, 'POST', [])
  const again = asking('GET', '/a', at + 7, { fields: ['x-side', 'left'] })
  await keep(room, again, answered(again, vary), Buffer.from('new'))
  t.equal(textOf(find(room, '/a', at + 9, { fields: ['x-side', 'left'] })), 'new')
  t.equal(
    textOf(find(room, '/a', at + 9, { fields: ['x-side', 'right'] })),
    'vary-miss',
    'a new list has no old ones',
  )
})

t.test('affectStore() drops what the query policy makes of a target (http-rules.md 13)', async t => {
  const room = roomOf()
  await put(room, '/a?b=1')
  await put(room, '/c')
  const governed = siteOf({ cache: { query: { drop: ['utm_*'] } } })
  affect(room, 'POST', ['Location', '/c?utm_source=x'], 201, { site: governed, target: '/a?utm_id=7&b=1' })
  t.equal(find(room, '/a?b=1', at + 9), 'uri-miss')
  t.equal(find(room, '/c', at + 9), 'uri-miss')
})

t.test('affectStore() reports a removal that fails, and hides what stayed (RFC 9111 4.4)', async t => {
  const store = openMemoryStore({ bytesMax: 100_000 })
  await put(roomOf(store), '/a')
  const room = roomOf(refusing(store))
  affect(room, 'POST', [])
  await new Promise(setImmediate)
  t.match(room.failures, [{ key: 'http play play.example/a' }])
  t.equal(find(room, '/a', at + 30 * second), 'uri-miss')
})

const own = [...minute, 'Content-Location', '/a']
const posts: [row: string, fields: string[], status: number, more: Partial<Exchange>, isStored: boolean][] = [
  ['9110 9.3.3 Content-Location and freshness', own, 200, {}, true],
  ['9110 9.3.3 a new resource at its own URL', own, 201, {}, true],
  ['9110 9.3.3 no Content-Location', minute, 200, {}, false],
  ['9110 9.3.3 no explicit freshness', ['Content-Location', '/a', 'ETag', '"e"'], 200, {}, false],
  ['9110 8.7 another URL', [...minute, 'Content-Location', '/b'], 200, {}, false],
  ['9110 8.7 another port', [...minute, 'Content-Location', 'http://play.example:81/a'], 200, {}, false],
  ['9110 8.7 no content', own, 204, {}, false],
  ['9110 8.7 an error', own, 404, {}, false],
  ['9111 5.2.2.5 no-store', [...own, 'Cache-Control', 'no-store'], 200, {}, false],
  ['9111 3.5 Authorization', own, 200, { fields: ['authorization', 'x'] }, false],
  [
    '9111 3.5 Authorization and public',
    [...own, 'Cache-Control', 'public'],
    200,
    { fields: ['authorization', 'x'] },
    true,
  ],
  ['9110 13 conditions', own, 200, { marks: Mark.precondition }, false],
  ['9110 14.2 Range', own, 200, { marks: Mark.range }, false],
]
for (const [row, fields, status, more, isStored] of posts) {
  t.test(`affectStore() of a POST, RFC ${row}: ${isStored ? 'stored' : 'not stored'}`, async t => {
    const room = roomOf()
    await put(room, '/a')
    const fill = affect(room, 'POST', fields, status, more)
    fill?.add(Buffer.from('posted'))
    await fill?.complete()
    const rest = status === 404 ? 'body' : 'uri-miss'
    t.equal(textOf(find(room, '/a', at + 9)), isStored ? 'posted' : rest)
  })
}

t.test('affectStore() of another method stores nothing (RFC 9110 9.3.4)', async t => {
  t.equal(affect(roomOf(), 'PUT', own), undefined)
})

t.test(
  'affectStore() keeps a stored POST under the governed URL, by its own fields (RFC 9111 4.1)',
  async t => {
    const room = roomOf()
    const governed = siteOf({ cache: { query: 'none' } })
    const fields = [...minute, 'Content-Location', '/a?b', 'Vary', 'X-Side']
    const more = {
      site: governed,
      target: '/a?b',
      key: 'http play play.example/a?b',
      fields: ['x-side', 'left'],
    }
    const fill = affect(room, 'POST', fields, 200, more)
    fill?.add(Buffer.from('posted'))
    await fill?.complete()
    t.equal(textOf(find(room, '/a', at + 9, { fields: ['x-side', 'left'] })), 'posted')
    t.equal(textOf(find(room, '/a', at + 9)), 'vary-miss')
  },
)

t.test('a stored POST outlives the invalidations it brought itself (RFC 9875 3)', async t => {
  const room = roomOf()
  const grouped = [...minute, 'Cache-Groups', '"g"']
  await put(room, '/b', grouped)
  const fill = affect(room, 'POST', [...grouped, 'Content-Location', '/a', 'Cache-Group-Invalidation', '"g"'])
  fill?.add(Buffer.from('posted'))
  await fill?.complete()
  t.match(find(room, '/a', at + 9), { flags: 4 }, 'usable')
  t.match(find(room, '/b', at + 9), { flags: 5 }, 'to be validated')
  affect(room, 'POST', ['Cache-Group-Invalidation', '"g"'])
  t.equal(find(room, '/a', at + 9), 'uri-miss', 'a later one counts, however soon')
})

const whole: [row: string, status: number, fields: string[], isGone: boolean][] = [
  ['a 200 that may not be stored', 200, ['Cache-Control', 'no-store'], true],
  ['9110 15.5.5 a 404 that may not be stored', 404, ['Cache-Control', 'no-store'], true],
  ['9110 15.5.11 a 410 that may not be stored', 410, ['Cache-Control', 'no-store'], true],
  ['a 403 says nothing of it', 403, ['Cache-Control', 'no-store'], false],
  ['a 503 says nothing of it', 503, ['Cache-Control', 'no-store'], false],
]
for (const [row, status, fields, isGone] of whole) {
  t.test(`affectStore() of a shared answer, RFC 9111 4.3.3: ${row}`, async t => {
    const room = roomOf()
    await put(room, '/a')
    const x = asking('GET', '/a', at + 5, { storedKey: 'http play play.example/a' })
    t.equal(affectStore(room, x, 'shared', answered(x, fields, status)), undefined)
    t.equal(textOf(find(room, '/a', at + 9)), isGone ? 'uri-miss' : 'body')
  })
}

const stored = { storedKey: 'http play play.example/a' }
const fresher = ['Cache-Control', 'max-age=100', 'ETag', '"e"', 'X-New', 'y', 'Content-Length', '4']
const heads: [
  row: string,
  fields: string[],
  status: number,
  outcome: 'fresh' | 'gone' | 'same',
  more?: object,
][] = [
  ['the same validator and length', fresher, 200, 'fresh'],
  ['another length', [...fresher, 'Content-Length', '5'], 200, 'gone'],
  ['another tag', ['ETag', '"f"'], 200, 'gone'],
  ['not to be stored any more', ['ETag', '"e"', 'Cache-Control', 'no-store'], 200, 'gone'],
  ['another status', ['ETag', '"f"'], 404, 'same'],
  ['304 to a condition of the client', ['ETag', '"f"'], 304, 'same'],
  ['for one client (3.5)', fresher, 200, 'same', { fields: ['authorization', 'x'] }],
  ['nothing was found', ['ETag', '"f"'], 200, 'same', { storedKey: '' }],
  ['what was found is gone', ['ETag', '"f"'], 200, 'same', { storedKey: 'http play play.example/b' }],
  ['older than what is stored', ['ETag', '"f"'], 200, 'same', { nowMs: at - 1 }],
]
for (const [row, fields, status, outcome, more] of heads) {
  t.test(`affectStore() of a HEAD, RFC 9111 4.3.5: ${row}: ${outcome}`, async t => {
    const room = roomOf()
    await put(room, '/a', expired)
    t.equal(affect(room, 'HEAD', fields, status, { ...stored, ...more }), undefined)
    await new Promise(setImmediate)
    const found = find(room, '/a', at + 9)
    t.equal(textOf(found), outcome === 'gone' ? 'uri-miss' : 'body')
    if (outcome === 'gone') return
    const { freshUntilMs, received } = found as ResponseEntry
    t.equal(freshUntilMs > at + 50 * second, outcome === 'fresh')
    t.equal(received.includes('X-New'), outcome === 'fresh')
  })
}

t.test(
  'affectStore() of a HEAD does not make a stored error of the 200 it brings (RFC 9111 4.3.5)',
  async t => {
    const room = roomOf()
    const x = asking('GET', '/a', at)
    await keep(room, x, answered(x, minute, 404), Buffer.from('body'))
    affect(room, 'HEAD', [...minute, 'Content-Length', '4'], 200, stored)
    t.equal(find(room, '/a', at + 9), 'uri-miss')
  },
)

t.test('affectStore() of a HEAD brings no invalidated group back (RFC 9875 3)', async t => {
  const room = roomOf()
  await put(room, '/a', [...expired, 'Cache-Groups', '"g"'])
  affect(room, 'POST', ['Cache-Group-Invalidation', '"g"'], 200, { target: '/b' })
  affect(room, 'HEAD', fresher, 200, { ...stored, nowMs: at + 7 })
  await new Promise(setImmediate)
  t.match(find(room, '/a', at + 9), { flags: 5 }, 'still to be validated')
})
