// Plays: what becomes of an object in blocks when it goes stale, changes, or its origin fails; and of many who want it.
import type { RequestListener } from 'node:http'
import t from 'tap'
import { needsAddon } from '../shared/support/ground.js'
import type { Reply, Request } from '../support/client.js'
import { startOrigin } from '../support/origin.js'
import { cacheStatus, digest, noise, type Play, until } from '../support/play.js'
import { type RangedObject, ranged, rangesOf } from '../support/ranged-origin.js'
import { block, body, bytes, kept, settled, sliceBytes, sliced } from '../support/sliced.js'

const other = noise(11 * sliceBytes).reverse()
/** The first block, or all of the first two. */
const first = bytes(0, 9)
const firstTwo = bytes(0, 2 * sliceBytes - 1)
/** What is answered once the head of the older state is gone. */
async function changed({ ask }: Play, asked: Request): Promise<Reply> {
  let reply: Reply | undefined
  await until(async () => {
    reply = await ask('/big', asked).catch(() => undefined)
    return reply?.headers.etag === '"w"'
  })
  return reply!
}

const unasked = { 'Cache-Control': 'no-cache' }

t.test('what is not fresh is confirmed by one question, and its blocks go on', needsAddon, async t => {
  const stage = await sliced(t, ranged({ bytes: body, etag: '"v"', headers: unasked }))
  const { origin, ask } = stage
  await ask('/big', first)
  await settled(stage, 2)
  const reply = await ask('/big', first)
  t.match(reply, { status: 206, headers: { 'content-range': `bytes 0-9/${body.length}` } })
  t.match(cacheStatus(reply), /^fwd=stale; fwd-status=304/)
  t.equal(digest(reply.body), digest(body.subarray(0, 10)))
  t.equal(origin.asked[1].headers['if-none-match'], '"v"')
  t.equal(origin.asked[1].headers.range, block(0))
  const whole = await ask('/big', { headers: kept })
  t.equal(digest(whole.body), digest(body))
  t.strictSame(rangesOf(origin.asked).slice(2, 4).sort(), [block(0), block(1)])
})

t.test('an object that has changed loses all of its blocks at once', needsAddon, async t => {
  const object: RangedObject = { bytes: body, etag: '"v"', headers: unasked }
  const stage = await sliced(t, ranged(object))
  const { origin, ask } = stage
  await ask('/big', firstTwo)
  await settled(stage, 3)
  Object.assign(object, { bytes: other, etag: '"w"' })
  const reply = await ask('/big', bytes(sliceBytes, sliceBytes + 9))
  t.match(reply, { status: 206, headers: { etag: '"w"', 'content-range': /\/720896$/ } })
  t.equal(digest(reply.body), digest(other.subarray(sliceBytes, sliceBytes + 10)))
  const whole = await ask('/big', { headers: kept })
  t.match(whole, { status: 200, headers: { etag: '"w"' } })
  t.equal(digest(whole.body), digest(other))
  t.ok(origin.asked.slice(2).every(({ headers }) => headers['if-range'] !== '"v"'))
})

t.test(
  'one that changes while it is fresh: the next block tells, and the client gets the new one',
  needsAddon,
  async t => {
    const object: RangedObject = { bytes: body, etag: '"v"' }
    const stage = await sliced(t, ranged(object))
    await stage.ask('/big', first)
    await settled(stage, 2)
    Object.assign(object, { bytes: other, etag: '"w"' })
    const asked = bytes(3 * sliceBytes, 3 * sliceBytes + 9)
    const reply = await stage.ask('/big', asked)
    t.match(reply, { status: 206, headers: { etag: '"w"' } })
    t.equal(digest(reply.body), digest(other.subarray(3 * sliceBytes, 3 * sliceBytes + 10)))
    const again = await changed(stage, first)
    t.equal(again.status, 206)
    t.equal(digest(again.body), digest(other.subarray(0, 10)))
  },
)

t.test('one that changes while it is sent is broken off, never mixed', needsAddon, async t => {
  const object: RangedObject = { bytes: body, etag: '"v"' }
  const stage = await sliced(t, ranged(object))
  await stage.ask('/big', firstTwo)
  await settled(stage, 3)
  Object.assign(object, { bytes: other, etag: '"w"' })
  await t.rejects(stage.ask('/big', { headers: kept }))
  const again = await changed(stage, { headers: kept })
  t.equal(again.status, 200)
  t.equal(digest(again.body), digest(other))
})

t.test('an origin that fails: what is there is served, what is not is an error', needsAddon, async t => {
  const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }))
  await stage.ask('/big', firstTwo)
  await settled(stage, 3)
  stage.origin.script = (_, response) => void response.writeHead(500).end()
  t.equal(digest((await stage.ask('/big', firstTwo)).body), digest(body.subarray(0, 2 * sliceBytes)))
  const missing = await stage.ask('/big', bytes(5 * sliceBytes, 5 * sliceBytes + 1))
  t.match(missing, { status: 502, headers: { 'cache-status': /fwd=partial; detail=bad-response/ } })
  t.equal(stage.edge.lines.filter(line => line.msg === 'origin failed').length, 1)
  await stage.origin.stop()
  t.match(await stage.ask('/big', bytes(6 * sliceBytes, 6 * sliceBytes + 1)), { status: 502 })
  t.equal((await stage.ask('/big', firstTwo)).status, 206)
})

t.test('a block that breaks off is asked for again, and the client does not notice', needsAddon, async t => {
  const script = ranged({ bytes: body, etag: '"v"' })
  let isBroken = false
  const breaking: RequestListener = (request, response) => {
    if (isBroken || request.headers.range !== block(1)) return script(request, response)
    isBroken = true
    response.writeHead(206, {
      ETag: '"v"',
      'Cache-Control': 'max-age=60',
      'Content-Range': `bytes ${sliceBytes}-${2 * sliceBytes - 1}/${body.length}`,
      'Content-Length': sliceBytes,
    })
    response.write(body.subarray(sliceBytes, sliceBytes + 30_000), () => response.destroy())
  }
  const stage = await sliced(t, breaking)
  const reply = await stage.ask('/big', firstTwo)
  t.equal(digest(reply.body), digest(body.subarray(0, 2 * sliceBytes)))
  t.strictSame(rangesOf(stage.origin.asked), [block(0), block(1), block(1)])
})

t.test('a part that is not as long as it says is never stored', needsAddon, async t => {
  const script = ranged({ bytes: body, etag: '"v"' })
  const short: RequestListener = (request, response) => {
    if (request.headers.range !== block(1)) return script(request, response)
    const range = `bytes ${sliceBytes}-${2 * sliceBytes - 1}/${body.length}`
    response.writeHead(206, { ETag: '"v"', 'Cache-Control': 'max-age=60', 'Content-Range': range })
    response.end(body.subarray(sliceBytes, sliceBytes + 30_000))
  }
  const stage = await sliced(t, short)
  await t.rejects(stage.ask('/big', firstTwo))
  await stage.edge.idle()
  stage.origin.script = script
  const reply = await stage.ask('/big', firstTwo)
  t.equal(digest(reply.body), digest(body.subarray(0, 2 * sliceBytes)))
})

t.test('many who want it at once ask for each block once', needsAddon, async t => {
  const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }))
  const wanted = Array.from({ length: 40 }, (_, at) => {
    const from = (at % 4) * sliceBytes + at
    return bytes(from, from + 2 * sliceBytes)
  })
  const replies = await Promise.all(wanted.map(asked => stage.ask('/big', asked)))
  for (const [at, reply] of replies.entries()) {
    const from = (at % 4) * sliceBytes + at
    t.equal(reply.status, 206)
    t.equal(digest(reply.body), digest(body.subarray(from, from + 2 * sliceBytes + 1)))
  }
  const asked = rangesOf(stage.origin.asked)
  t.equal(new Set(asked).size, asked.length)
})

t.test('variants have blocks of their own', needsAddon, async t => {
  const script: RequestListener = (request, response) => {
    const isOther = request.headers['accept-language'] === 'ig'
    const object = isOther ? { bytes: other, etag: '"w"' } : { bytes: body, etag: '"v"' }
    ranged({ ...object, headers: { Vary: 'Accept-Language' } })(request, response)
  }
  const stage = await sliced(t, script)
  const inIgbo = { headers: { ...first.headers, 'accept-language': 'ig' } }
  for (let turn = 0; turn < 2; turn += 1) {
    t.equal(digest((await stage.ask('/big', first)).body), digest(body.subarray(0, 10)))
    t.equal(digest((await stage.ask('/big', inIgbo)).body), digest(other.subarray(0, 10)))
    // Two heads, two blocks, and the list of variants.
    await settled(stage, 5)
  }
  t.equal(stage.origin.asked.length, 2)
})

t.test('stale while it is asked for anew, and stale when the origin fails', needsAddon, async t => {
  const object: RangedObject = {
    bytes: body,
    etag: '"v"',
    headers: { 'Cache-Control': 'max-age=1, stale-while-revalidate=60, stale-if-error=60', Age: '2' },
  }
  const stage = await sliced(t, ranged(object))
  await stage.ask('/big', first)
  await settled(stage, 2)
  t.match(cacheStatus(await stage.ask('/big', first)), /^hit; ttl=-/)
  await stage.edge.idle()
  stage.origin.script = (_, response) => void response.writeHead(503).end()
  const reply = await stage.ask('/big', { headers: { ...first.headers, 'cache-control': 'no-cache' } })
  t.equal(digest(reply.body), digest(body.subarray(0, 10)))
})

t.test(
  'a reload does not cut an answer in blocks: the next ones come from where the site is now',
  needsAddon,
  async t => {
    const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }))
    const moved = await startOrigin(t, ranged({ bytes: body, etag: '"v"' }))
    let isHeld = true
    const script = stage.origin.script
    stage.origin.script = (request, response) => {
      script(request, response)
      if (request.headers.range !== block(1) || !isHeld) return
      isHeld = false
      const [site] = stage.edge.config.sites
      stage.edge.serving.prepareSites([{ ...site, origins: [{ ...site.origins[0], url: moved.url }] }])()
    }
    const reply = await stage.ask('/big', bytes(0, 6 * sliceBytes))
    t.equal(digest(reply.body), digest(body.subarray(0, 6 * sliceBytes + 1)))
    t.ok(moved.asked.length > 0)
  },
)

t.test('a full cache: what goes by in blocks is asked for once', needsAddon, async t => {
  const stage = await sliced(t, ranged({ bytes: body, etag: '"v"' }), { bytesMax: '16MiB' })
  // How full it is, is as of a moment ago: nothing more may have been stored before it was.
  for (let at = 0; at < 24 || stage.edge.counters().cacheBytes <= 9.5 * 1024 * 1024; at += 1) {
    await stage.ask(`/fill/${at}`, { headers: kept })
    await stage.edge.idle()
  }
  stage.origin.asked.length = 0
  const reply = await stage.ask('/big', bytes(0, 4 * sliceBytes))
  t.equal(digest(reply.body), digest(body.subarray(0, 4 * sliceBytes + 1)))
  t.strictSame(rangesOf(stage.origin.asked), [0, 1, 2, 3, 4].map(block))
})
