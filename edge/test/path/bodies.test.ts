// Bodies of every size through the real store: in the index or in a segment, missed, followed, hit, in parts; and what
// becomes of them when something is not as it should be.
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { needsAddon } from '../shared/support/ground.js'
import { get } from '../support/client.js'
import { startEdge } from '../support/edge.js'
import { cacheStatus, digest, noise, type Play, play, until } from '../support/play.js'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte
const sizes = [
  0,
  1,
  1_400,
  1_999,
  64 * kibibyte - 1,
  64 * kibibyte,
  64 * kibibyte + 1,
  mebibyte,
  8 * mebibyte,
]
// An answer behind which the connection closes says no length when it is long.
const host = { headers: { host: 'a', connection: 'keep-alive' } }
const minute = {
  'Cache-Control': 'max-age=60',
  ETag: '"1"',
  'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
}

/** `/n` is answered with n bytes, `/n/chunked` without saying how many, `/n/stale` with what must be validated. */
function sized(
  t: Test,
  more: Record<string, unknown> = {},
  site: Record<string, unknown> = {},
): Promise<Play> {
  const script = (request: IncomingMessage, response: ServerResponse) => {
    const [, bytes, how] = String(request.url).split('/')
    const fields = how === 'stale' ? { ...minute, 'Cache-Control': 'no-cache' } : minute
    if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304, fields).end()
    const body = noise(Number(bytes.split('?')[0]))
    response.writeHead(200, how === 'chunked' ? fields : { ...fields, 'Content-Length': body.length })
    response.end(body)
  }
  return play(t, script, { store: 'lmdb', more, site })
}

/** Until what was fetched is stored. */
async function settled({ edge }: Play, entries: number): Promise<void> {
  await until(() => edge.counters().cacheEntries >= entries)
}

function segmentsOf({ edge }: Play): string {
  return join(edge.config.cache.directory, 'segments')
}

for (const how of ['', '/chunked']) {
  t.test(`bodies of every size${how}: missed, asked for again at once, hit`, needsAddon, async t => {
    const stage = await sized(t)
    for (const [at, size] of sizes.entries()) {
      const target = `/${size}${how}`
      const expected = digest(noise(size))
      const [miss, next] = [await stage.ask(target, host), await stage.ask(target, host)]
      t.match(cacheStatus(miss), /uri-miss.*stored/, target)
      t.strictSame([digest(miss.body), digest(next.body)], [expected, expected], target)
      t.match(cacheStatus(next), /collapsed|hit/)
      await settled(stage, at + 1)
      for (let turn = 0; turn < 4; turn += 1) {
        const hit = await stage.ask(target, host)
        t.match(cacheStatus(hit), /^hit/)
        t.equal(digest(hit.body), expected, `${target} hit ${turn}`)
        t.equal(hit.headers['content-length'], `${size}`)
      }
      const head = await stage.ask(target, { ...host, method: 'HEAD' })
      t.match(head.headers, { 'content-length': `${size}`, 'cache-status': /hit/ })
    }
    t.equal(stage.origin.asked.length, sizes.length)
  })
}

t.test('parts of a body in a segment', needsAddon, async t => {
  const stage = await sized(t)
  for (const [at, size] of [64 * kibibyte, mebibyte, 8 * mebibyte].entries()) {
    const body = noise(size)
    const part = (range: string, more = {}) =>
      stage.ask(`/${size}`, { headers: { host: 'a', range: `bytes=${range}`, ...more } })
    await stage.ask(`/${size}`, host)
    await settled(stage, at + 1)
    for (const [range, first, end] of [
      ['0-0', 0, 1],
      ['5-9', 5, 10],
      [`${size - 3}-`, size - 3, size],
      ['-7', size - 7, size],
      [`1-${size}`, 1, size],
    ] as const) {
      const reply = await part(range)
      t.equal(reply.status, 206)
      t.equal(reply.headers['content-range'], `bytes ${first}-${end - 1}/${size}`)
      t.ok(reply.body.equals(body.subarray(first, end)), `${size} ${range}`)
    }
    const several = await part(`1-2,10-${size - 10}`)
    const boundary = /boundary=(\S+)/.exec(String(several.headers['content-type']))![1]
    const [, one, two] = several.text.split(`--${boundary}`)
    t.equal(one.split('\r\n\r\n')[1], `${body.toString('latin1', 1, 3)}\r\n`)
    t.ok(two.endsWith(`\r\n\r\n${body.toString('latin1', 10, size - 9)}\r\n`))
    t.equal((await part(`${size}-`)).status, 416)
    const other = await part('1-2', { 'if-range': '"2"' })
    t.match({ status: other.status, bytes: other.body.length }, { status: 200, bytes: size })
    const same = await stage.ask(`/${size}`, { headers: { host: 'a', 'if-none-match': '"1"' } })
    t.equal(same.status, 304)
  }
})

t.test('a 304 leaves the body where it is', needsAddon, async t => {
  const stage = await sized(t)
  const target = `/${mebibyte}/stale`
  await stage.ask(target, host)
  await settled(stage, 1)
  const files = readdirSync(segmentsOf(stage))
  for (let turn = 0; turn < 3; turn += 1) {
    const reply = await stage.ask(target, host)
    t.match(cacheStatus(reply), /fwd-status=304/)
    t.equal(digest(reply.body), digest(noise(mebibyte)))
    await stage.edge.idle()
  }
  t.strictSame(readdirSync(segmentsOf(stage)), files)
  await stage.ask(target, { ...host, method: 'HEAD' })
  t.equal(digest((await stage.ask(target, host)).body), digest(noise(mebibyte)))
})

t.test('a body whose segment is gone is not there', needsAddon, async t => {
  const stage = await sized(t, { cache: { directory: `${t.testdir({})}`, hotBytesMax: 0 } })
  const targets = [`/${mebibyte}`, `/${mebibyte}/stale`]
  for (const target of targets) await stage.ask(target, host)
  await settled(stage, 2)
  await stage.edge.stop()
  for (const name of readdirSync(segmentsOf(stage))) rmSync(join(segmentsOf(stage), name))
  const edge = await startEdge(t, stage.edge.config, 'lmdb')
  for (const target of targets) {
    const reply = await get(edge.port, target, host)
    t.match(cacheStatus(reply), /fwd=(uri-miss|stale); fwd-status=200; stored/, target)
    t.equal(digest(reply.body), digest(noise(mebibyte)))
  }
})

t.test('bodies outlive a restart', needsAddon, async t => {
  const stage = await sized(t)
  for (const size of sizes) await stage.ask(`/${size}`, host)
  await settled(stage, sizes.length)
  await stage.edge.stop()
  const edge = await startEdge(t, stage.edge.config, 'lmdb')
  for (const size of sizes) {
    const reply = await get(edge.port, `/${size}`, host)
    t.match(cacheStatus(reply), /^hit/, `${size}`)
    t.equal(digest(reply.body), digest(noise(size)))
  }
})

t.test('a fill that is stored does not wait for a client that reads nothing', needsAddon, async t => {
  const size = 32 * mebibyte
  const stage = await sized(t)
  const agent = { ...host, agent: undefined }
  const { request } = await import('node:http')
  const slow = request({ port: stage.edge.port, path: `/${size}/chunked`, headers: agent.headers })
  slow.end()
  const [incoming] = await once(slow, 'response')
  await settled(stage, 1)
  t.equal(stage.edge.counters().active, 1, 'it has not read it')
  t.match(cacheStatus(await stage.ask(`/${size}/chunked`, host)), /hit|collapsed/)
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  t.equal(digest(Buffer.concat(chunks)), digest(noise(size)))
})

t.test('what breaks off in a segment is nobody’s', needsAddon, async t => {
  let turn = 0
  const body = noise(4 * mebibyte)
  const stage = await play(
    t,
    (_, response) => {
      turn += 1
      response.writeHead(200, minute)
      if (turn > 1) return void response.end(body)
      response.write(body.subarray(0, mebibyte), () => response.destroy())
    },
    { store: 'lmdb' },
  )
  await t.rejects(stage.ask('/', host))
  await stage.edge.idle()
  const reply = await stage.ask('/', host)
  t.match(cacheStatus(reply), /uri-miss.*stored/)
  t.equal(digest(reply.body), digest(body))
})

t.test('what is too large for the store goes to who asked, and is not stored', needsAddon, async t => {
  const stage = await sized(t, { cache: { directory: `${t.testdir({})}`, objectBytesMax: mebibyte } })
  for (const how of ['', '/chunked']) {
    const reply = await stage.ask(`/${8 * mebibyte}${how}`, host)
    t.equal(digest(reply.body), digest(noise(8 * mebibyte)))
  }
  await stage.edge.idle()
  t.equal(stage.edge.counters().cacheEntries, 0)
})

t.test('the oldest segments leave when the cache is full', needsAddon, async t => {
  const small = { cache: { directory: `${t.testdir({})}`, bytesMax: '16MiB' } }
  const stage = await sized(t, small, { cache: { admitAfter: 1 } })
  const count = 40
  for (let at = 0; at < count; at += 1) await stage.ask(`/${mebibyte}?${at}`, host)
  await until(() => stage.edge.counters().cacheBytes <= 16 * mebibyte)
  // Behind a slow disk all segments may still be in writing, and nothing is stored for a moment.
  const newest = `/${mebibyte}?${count - 1}`
  await until(async () => /hit|collapsed/.test(cacheStatus(await stage.ask(newest, host))))
  const oldest = await stage.ask(`/${mebibyte}?0`, host)
  t.match(cacheStatus(oldest), /uri-miss/)
  t.equal(digest(oldest.body), digest(noise(mebibyte)))
})
