// Plays: Cache-Status on everything that a client gets (RFC 9211, http-rules.md 34).
import t from 'tap'
import { allValues } from '../../http/fields.js'
import type { Reply, Request } from '../support/client.js'
import { always, cacheStatus, inTurn, play } from '../support/play.js'

const stored = { 'Cache-Control': 'max-age=60', ETag: '"v"', 'Content-Type': 'text/plain' }
const stale = { 'Cache-Control': 'max-age=10, stale-if-error=60', Age: '15', ETag: '"v"' }

const fromStore: [row: string, asked: Request, status: number, said: RegExp][] = [
  ['200', {}, 200, /^hit; ttl=\d+$/],
  ['HEAD', { method: 'HEAD' }, 200, /^hit; ttl=\d+$/],
  ['304', { headers: { 'if-none-match': '"v"' } }, 304, /^hit; ttl=\d+$/],
  ['206', { headers: { range: 'bytes=0-1' } }, 206, /^hit; ttl=\d+$/],
  ['206 of several', { headers: { range: 'bytes=0-0,3-3' } }, 206, /^hit; ttl=\d+$/],
  ['416', { headers: { range: 'bytes=9-' } }, 416, /^hit; ttl=\d+$/],
  ['412', { headers: { 'if-match': '"w"' } }, 412, /^hit; detail=precondition$/],
]
t.test('what is answered from the store is a hit', async t => {
  const { origin, ask } = await play(t, always(200, stored, 'hello'))
  await ask('/')
  for (const [row, asked, status, said] of fromStore) {
    const reply = await ask('/', asked)
    t.equal(reply.status, status, row)
    t.match(cacheStatus(reply), said, row)
    t.equal(allValues(reply.fields, 'cache-status').length, 1, row)
  }
  t.equal(origin.asked.length, 1)
})

const forwarded: [row: string, asked: Request, said: string][] = [
  ['stored', {}, 'fwd=uri-miss; fwd-status=200; stored'],
  ['HEAD', { method: 'HEAD' }, 'fwd=uri-miss; fwd-status=200'],
  ['a part', { headers: { range: 'bytes=0-0' } }, 'fwd=uri-miss; fwd-status=200'],
  ['an unsafe method', { method: 'POST', body: 'x' }, 'fwd=method; fwd-status=200'],
  ['a GET with a body', { body: 'x' }, 'fwd=request; fwd-status=200'],
]
for (const [row, asked, said] of forwarded) {
  t.test(`what the origin answers is forwarded: ${row}`, async t => {
    const { ask } = await play(t, always(200, stored, 'hello'))
    t.equal(cacheStatus(await ask('/', asked)), said)
  })
}

const others: [row: string, status: number, headers: Record<string, string>, said: string][] = [
  ['not to be stored', 200, { 'Cache-Control': 'no-store' }, 'fwd=uri-miss; fwd-status=200; detail=no-store'],
  ['an error that is stored', 404, stored, 'fwd=uri-miss; fwd-status=404; stored'],
  ['a redirect', 302, {}, 'fwd=uri-miss; fwd-status=302; detail=no-freshness'],
  ['without content', 204, {}, 'fwd=uri-miss; fwd-status=204; detail=no-freshness'],
]
for (const [row, status, headers, said] of others) {
  t.test(`an answer says what became of it: ${row}`, async t => {
    const { ask } = await play(t, always(status, headers))
    t.equal(cacheStatus(await ask('/')), said)
  })
}

t.test('a stale answer when the origin fails says what the origin said, and how stale it is', async t => {
  const { origin, ask } = await play(t, inTurn(always(200, stale, 'x'), always(503, {})))
  await ask('/')
  t.match(cacheStatus(await ask('/')), /^fwd=stale; fwd-status=503; ttl=-\d+; detail=status-503$/)
  origin.script = request => request.socket.destroy()
  t.match(cacheStatus(await ask('/')), /^fwd=stale; ttl=-\d+; detail=origin-(closed|reset)$/)
})

t.test('a failure says why the origin was asked, a refusal that it was not', async t => {
  const { origin, ask } = await play(t, request => void request.socket.destroy())
  t.match(cacheStatus(await ask('/')), /^fwd=uri-miss; detail=origin-(closed|reset)$/)
  t.match(cacheStatus(await ask('/', { method: 'POST', body: 'x' })), /^fwd=method; detail=origin-/)
  const { length } = origin.asked
  t.equal(cacheStatus(await ask('/', { method: 'TRACE' })), 'detail=method-not-allowed')
  const looped = { 'cdn-loop': 'naij, naij, naij, naij' }
  t.equal(cacheStatus(await ask('/', { headers: looped })), 'detail=loop')
  t.equal(origin.asked.length, length)
})

t.test('the members of caches behind us stand before ours, on hits and 304s too (RFC 9211 2)', async t => {
  const theirs = ['origin-shield; hit; ttl=5', '"other, cache"; fwd=uri-miss']
  const { ask } = await play(t, always(200, { ...stored, 'Cache-Status': theirs }, 'hello'))
  const replies: [Reply, RegExp][] = [
    [await ask('/'), /^naij; fwd=uri-miss/],
    [await ask('/'), /^naij; hit/],
    [await ask('/', { headers: { 'if-none-match': '"v"' } }), /^naij; hit/],
    [await ask('/', { headers: { range: 'bytes=0-1' } }), /^naij; hit/],
  ]
  for (const [{ fields }, ours] of replies) {
    const members = allValues(fields, 'cache-status')
    t.strictSame(members.slice(0, -1), theirs)
    t.match(members.at(-1), ours)
  }
})
