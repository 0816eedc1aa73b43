// Plays: objects that are kept in blocks (http-rules.md 32), through real sockets and the real store.
import type { RequestListener } from 'node:http'
import t from 'tap'
import { needsAddon } from '../shared/support/ground.js'
import { cacheStatus, digest } from '../support/play.js'
import { type RangedObject, ranged, rangesOf } from '../support/ranged-origin.js'
import { block, body, bytes, kept, settled, sliceBytes, sliced } from '../support/sliced.js'

t.test(
  'a range of an absent object fetches only the blocks it needs, and keeps them',
  needsAddon,
  async t => {
    const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }))
    const { origin, ask } = stage
    const [first, last] = [3 * sliceBytes + 10, 5 * sliceBytes + 20]
    const reply = await ask('/big', bytes(first, last))
    t.match(reply, {
      status: 206,
      headers: { 'content-range': `bytes ${first}-${last}/${body.length}`, etag: '"v"' },
    })
    t.equal(digest(reply.body), digest(body.subarray(first, last + 1)))
    t.match(cacheStatus(reply), /^fwd=uri-miss; fwd-status=206; stored/)
    t.strictSame(rangesOf(origin.asked), [block(3), block(4), block(5)])
    await settled(stage, 4)
    const again = await ask('/big', bytes(first, last))
    t.match(cacheStatus(again), /^hit/)
    t.equal(digest(again.body), digest(body.subarray(first, last + 1)))
    const beside = await ask('/big', bytes(5 * sliceBytes, 6 * sliceBytes + 1))
    t.match(cacheStatus(beside), /^fwd=partial/)
    t.equal(digest(beside.body), digest(body.subarray(5 * sliceBytes, 6 * sliceBytes + 2)))
    t.strictSame(rangesOf(origin.asked).slice(3), [block(6)])
  },
)

t.test('the whole is put together of what is there and what is not', needsAddon, async t => {
  const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }))
  const { origin, ask } = stage
  await ask('/big', bytes(2 * sliceBytes, 2 * sliceBytes))
  await settled(stage, 2)
  const all = await ask('/big', { headers: kept })
  t.match(all, { status: 200, headers: { 'content-length': String(body.length) } })
  t.equal(digest(all.body), digest(body))
  t.match(cacheStatus(all), /^fwd=partial/)
  t.equal(origin.asked.length, 11)
  t.equal(origin.asked[1].headers['if-range'], '"v"')
  await settled(stage, 12)
  const hit = await ask('/big')
  t.match(cacheStatus(hit), /^hit/)
  t.equal(digest(hit.body), digest(body))
  const end = await ask('/big', { headers: { range: 'bytes=-1500' } })
  t.equal(digest(end.body), digest(body.subarray(-1500)))
  const several = await ask('/big', { headers: { range: `bytes=0-9, ${sliceBytes - 5}-${sliceBytes + 4}` } })
  t.match(several.headers['content-type'], /^multipart\/byteranges/)
  t.ok(several.body.includes(body.subarray(sliceBytes - 5, sliceBytes + 5)))
  const head = await ask('/big', { method: 'HEAD' })
  t.match(head, { status: 200, headers: { 'content-length': String(body.length) } })
  t.equal((await ask('/big', { headers: { 'if-none-match': '"v"' } })).status, 304)
  t.equal((await ask('/big', { headers: { range: `bytes=${body.length}-` } })).status, 416)
  const otherwise = await ask('/big', { headers: { range: 'bytes=0-9', 'if-range': '"other"' } })
  t.equal(otherwise.status, 200)
  t.equal(digest(otherwise.body), digest(body))
  t.equal(origin.asked.length, 11)
})

t.test('what fits into one block is stored whole', needsAddon, async t => {
  const small = body.subarray(0, 5000)
  const stage = await sliced(t, ranged({ bytes: small, etag: 'W/"weak"' }))
  const reply = await stage.ask('/small', bytes(100, 199))
  t.match(reply, { status: 206, headers: { 'content-range': 'bytes 100-199/5000' } })
  t.equal(digest(reply.body), digest(small.subarray(100, 200)))
  await settled(stage, 1)
  const hit = await stage.ask('/small')
  t.match(hit, { status: 200, headers: { 'content-type': undefined } })
  t.match(cacheStatus(hit), /^hit/)
  t.equal(digest(hit.body), digest(small))
})

t.test(
  'an origin that knows no ranges: the part is sent as it passes, and the whole is stored',
  needsAddon,
  async t => {
    const script: RequestListener = (_, response) => {
      response.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Length': body.length, ETag: '"v"' })
      response.end(body)
    }
    const stage = await sliced(t, script)
    const [first, last] = [3 * sliceBytes + 10, 5 * sliceBytes + 20]
    const reply = await stage.ask('/whole', bytes(first, last))
    t.match(reply, { status: 206, headers: { 'content-range': `bytes ${first}-${last}/${body.length}` } })
    t.equal(digest(reply.body), digest(body.subarray(first, last + 1)))
    await settled(stage, 1)
    t.match(cacheStatus(await stage.ask('/whole', bytes(0, 9))), /^hit/)
    t.equal(stage.origin.asked.length, 1)
  },
)

t.test('a Range behind the end is answered 416 by who knows', needsAddon, async t => {
  const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }))
  const far = await stage.ask('/big', { headers: { range: 'bytes=99999999-' } })
  t.match(far, { status: 416, headers: { 'content-range': `bytes */${body.length}` } })
  const near = await stage.ask('/big', { headers: { range: `bytes=${body.length}-` } })
  t.match(near, { status: 416, headers: { 'content-range': `bytes */${body.length}` } })
})

const lone: [why: string, object: RangedObject][] = [
  ['a weak validator', { bytes: body, etag: 'W/"v"' }],
  ['not to be stored', { bytes: body, etag: '"v"', headers: { 'Cache-Control': 'private' } }],
]
for (const [why, object] of lone) {
  t.test(`parts with ${why} are asked for as the client does`, needsAddon, async t => {
    const { origin, ask } = await sliced(t, ranged(object))
    for (let turn = 0; turn < 2; turn += 1) {
      const reply = await ask('/big', bytes(100, 200_000))
      t.match(reply, { status: 206, headers: { 'content-range': `bytes 100-200000/${body.length}` } })
      t.equal(digest(reply.body), digest(body.subarray(100, 200_001)))
    }
    t.strictSame(rangesOf(origin.asked), [block(0), 'bytes=100-200000', 'bytes=100-200000'])
  })
}

t.test('with credentials, or where the site does not want it, a part is passed on', needsAddon, async t => {
  const withKey = await sliced(t, ranged({ bytes: body, etag: '"v"' }))
  const asked = bytes(100, 200)
  await withKey.ask('/big', { headers: { ...asked.headers, authorization: 'Basic eDp5' } })
  t.strictSame(rangesOf(withKey.origin.asked), ['bytes=100-200'])
  const off = await sliced(t, ranged({ bytes: body, etag: '"v"' }), {}, { cache: { slices: false } })
  t.equal((await off.ask('/big', asked)).status, 206)
  t.strictSame(rangesOf(off.origin.asked), ['bytes=100-200'])
})

t.test('a whole that is too long to be stored as one is kept in blocks', needsAddon, async t => {
  const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }), { objectBytesMax: 2 * sliceBytes })
  const reply = await stage.ask('/big', { headers: kept })
  t.match(reply, { status: 200, headers: { 'content-length': String(body.length) } })
  t.equal(digest(reply.body), digest(body))
  t.match(cacheStatus(reply), /stored/)
  await settled(stage, 12)
  const asked = rangesOf(stage.origin.asked)
  t.equal(asked[0], undefined)
  t.same(new Set(asked.slice(1)), new Set(Array.from({ length: 11 }, (_, at) => lastBlock(at))))
  t.equal(asked.length, 12)
  const hit = await stage.ask('/big')
  t.match(cacheStatus(hit), /^hit/)
  t.equal(digest(hit.body), digest(body))
})

/** The last block ends where the object does. */
function lastBlock(index: number): string {
  return `bytes=${index * sliceBytes}-${Math.min((index + 1) * sliceBytes, body.length) - 1}`
}
