// What becomes of a body in a segment when its entry is validated, updated or lost, when who reads it is slow or leaves,
// and while it is being committed.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openStore } from '../../cache/bodied-store.js'
import type { Store } from '../../cache/store.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { cacheStatus, digest, noise, type Play, play, until } from '../support/play.js'
import { readingOf } from '../support/reading.js'
import { type SettledStore, settledStore } from '../support/settled-store.js'

const mebibyte = 1024 * 1024
const body = noise(mebibyte)
const host = { headers: { host: 'a', connection: 'keep-alive' } }
const validator = { ETag: '"1"', 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }

type Script = (request: IncomingMessage, response: ServerResponse, turn: number) => void

interface Stage extends Play {
  store: SettledStore
  segments: string
}

/** Nothing is kept in memory, so that every hit reads its segment. */
async function onDisk(t: Test, script: Script, more: Record<string, unknown> = {}): Promise<Stage> {
  let turn = 0
  const numbered = (request: IncomingMessage, response: ServerResponse): void => {
    turn += 1
    script(request, response, turn)
  }
  // Not in the test's own directory, which is made anew with the config.
  const directory = runDirectoryOf(t)
  const store = settledStore(open(directory))
  t.teardown(() => store.close())
  const stage = await play(t, numbered, { store, more: { cache: { directory, ...more } } })
  return { ...stage, store, segments: join(directory, 'segments') }
}

function open(directory: string): Store {
  return openStore({
    directory,
    bytesMax: 256 * mebibyte,
    hotBytesMax: 0,
    writeQueueBytesMax: mebibyte,
    diskReadsMax: 2,
    evictedReadMaxMs: 60_000,
    log: () => {},
  })
}

/** As another worker or somebody's `rm` would; noticed at once. */
function removeSegments({ store, segments }: Stage): void {
  for (const name of readdirSync(segments)) rmSync(join(segments, name))
  store.status()
}

/** Until all that was fetched is stored, `entries` of it, and nobody reads it on its way any more. */
async function stored({ edge, store }: Stage, entries = 1): Promise<void> {
  await until(() => edge.counters().cacheEntries >= entries)
  await store.settled()
  await new Promise(setImmediate)
}

function give(response: ServerResponse, fields: Record<string, string>): void {
  response.writeHead(200, { ...validator, 'Content-Length': String(body.length), ...fields }).end(body)
}

t.test('a 304 brings a new head to the body where it lies', needsAddon, async t => {
  const stage = await onDisk(t, (request, response, turn) => {
    if (request.headers['if-none-match'] === undefined)
      return give(response, { 'Cache-Control': 'max-age=0' })
    response.writeHead(304, { ...validator, 'Cache-Control': 'max-age=60', 'X-Turn': String(turn) }).end()
  })
  await stage.ask('/', host)
  await stored(stage)
  const files = readdirSync(stage.segments)
  const validated = await stage.ask('/', host)
  t.match(cacheStatus(validated), /fwd=stale; fwd-status=304/)
  t.equal(validated.headers['x-turn'], '2')
  t.equal(digest(validated.body), digest(body))
  await stored(stage)
  const hit = await stage.ask('/', host)
  t.match(cacheStatus(hit), /^hit/)
  t.equal(hit.headers['x-turn'], '2')
  t.equal(digest(hit.body), digest(body))
  const part = await stage.ask('/', { headers: { host: 'a', range: 'bytes=-5', 'if-range': '"1"' } })
  t.equal(part.status, 206)
  t.ok(part.body.equals(body.subarray(-5)))
  t.strictSame(readdirSync(stage.segments), files)
})

t.test('a 304 for a body that was lost meanwhile: it is asked for whole', needsAddon, async t => {
  const stage = await onDisk(t, (request, response) => {
    if (request.headers['if-none-match'] === undefined) return give(response, { 'Cache-Control': 'no-cache' })
    removeSegments(stage)
    response.writeHead(304, validator).end()
  })
  await stage.ask('/', host)
  await stored(stage)
  const reply = await stage.ask('/', host)
  t.equal(reply.status, 200)
  t.equal(digest(reply.body), digest(body))
  t.match(cacheStatus(reply), /fwd-status=200; stored/)
  t.strictSame(
    stage.origin.asked.map(({ headers }) => headers['if-none-match']),
    [undefined, '"1"', undefined],
  )
})

for (const isLost of [false, true]) {
  t.test(`an origin that fails, a body that is ${isLost ? 'lost' : 'there'}`, needsAddon, async t => {
    const stage = await onDisk(t, (_, response, turn) => {
      if (turn === 1) return give(response, { 'Cache-Control': 'max-age=0, stale-if-error=600' })
      if (isLost) removeSegments(stage)
      response.writeHead(503, {}).end('out of order')
    })
    await stage.ask('/', host)
    await stored(stage)
    const reply = await stage.ask('/', host)
    t.equal(reply.status, isLost ? 503 : 200)
    t.equal(digest(reply.body), digest(isLost ? Buffer.from('out of order') : body))
  })
}

t.test('HEAD brings a new head to the body where it lies', needsAddon, async t => {
  const stage = await onDisk(t, (request, response) => {
    if (request.method === 'GET') return give(response, { 'Cache-Control': 'max-age=0' })
    const fields = { ...validator, 'Cache-Control': 'max-age=60', 'X-New': 'y' }
    response.writeHead(200, { ...fields, 'Content-Length': String(body.length) }).end()
  })
  await stage.ask('/', host)
  await stored(stage)
  const files = readdirSync(stage.segments)
  await stage.ask('/', { ...host, method: 'HEAD' })
  await stage.edge.idle()
  await stored(stage)
  const reply = await stage.ask('/', host)
  t.match(cacheStatus(reply), /^hit/)
  t.match(reply.headers, { 'x-new': 'y', 'content-length': `${body.length}` })
  t.equal(digest(reply.body), digest(body))
  t.strictSame(readdirSync(stage.segments), files)
})

t.test('who asked first is slow: who follows and the store do not wait for him', needsAddon, async t => {
  const large = noise(32 * mebibyte)
  let goOn = (): void => {}
  const stage = await onDisk(t, (_, response) => {
    response.writeHead(200, { ...validator, 'Cache-Control': 'max-age=60' })
    response.write(large.subarray(0, mebibyte))
    goOn = () => void response.end(large.subarray(mebibyte))
  })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const slow = readingOf(stage.edge.port, '/', agent)
  slow.pause()
  await slow.head
  const followers = [1, 2, 3].map(() => readingOf(stage.edge.port, '/', agent))
  for (const follower of followers) await follower.has(mebibyte)
  goOn()
  for (const follower of followers) {
    t.equal(await follower.end, 'whole')
    t.equal(digest(follower.body()), digest(large))
    t.match((await follower.head).headers['cache-status'], /collapsed/)
  }
  await stored(stage)
  t.equal(stage.edge.counters().active, 1)
  slow.resume()
  t.equal(await slow.end, 'whole')
  t.equal(digest(slow.body()), digest(large))
  t.equal(stage.origin.asked.length, 1)
})

t.test('a slow reader gets the part he asked for of a body that left meanwhile', needsAddon, async t => {
  const large = noise(32 * mebibyte)
  const stage = await onDisk(t, (_, response) => {
    const fields = { ...validator, 'Cache-Control': 'max-age=60', 'Content-Length': String(large.length) }
    response.writeHead(200, fields).end(large)
  })
  await stage.ask('/', host)
  await stored(stage)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const reading = readingOf(stage.edge.port, '/', agent, { headers: { range: 'bytes=7-' } })
  reading.pause()
  t.equal((await reading.head).statusCode, 206)
  removeSegments(stage)
  reading.resume()
  t.equal(await reading.end, 'whole')
  t.equal(digest(reading.body()), digest(large.subarray(7)))
})

t.test('the only client leaves in the middle: what is to be stored comes to its end', needsAddon, async t => {
  const large = noise(4 * mebibyte)
  let goOn = (): void => {}
  const stage = await onDisk(t, (_, response) => {
    response.writeHead(200, { ...validator, 'Cache-Control': 'max-age=60' })
    response.write(large.subarray(0, 2 * mebibyte))
    goOn = () => void response.end(large.subarray(2 * mebibyte))
  })
  const agent = new Agent({ keepAlive: true })
  const reading = readingOf(stage.edge.port, '/', agent)
  await reading.has(2 * mebibyte)
  agent.destroy()
  t.equal(await reading.end, 'broken')
  goOn()
  await stored(stage)
  await stage.edge.idle()
  const hit = await stage.ask('/', host)
  t.match(cacheStatus(hit), /^hit/)
  t.equal(digest(hit.body), digest(large))
  t.equal(stage.origin.asked.length, 1)
})

t.test(
  'the only client leaves in the middle: what is too large to be stored is given up',
  needsAddon,
  async t => {
    const large = noise(4 * mebibyte)
    let isGivenUp = false
    const script: Script = (_, response) => {
      response.on('close', () => {
        isGivenUp = true
      })
      response.writeHead(200, { ...validator, 'Cache-Control': 'max-age=60' })
      const more = (): void => {
        while (!isGivenUp && response.write(large));
      }
      response.on('drain', more)
      more()
    }
    const stage = await onDisk(t, script, { objectBytesMax: mebibyte })
    const agent = new Agent({ keepAlive: true })
    const reading = readingOf(stage.edge.port, '/', agent)
    await reading.has(8 * mebibyte)
    agent.destroy()
    await until(() => isGivenUp)
    await stage.edge.idle()
    t.equal(stage.edge.counters().cacheEntries, 0)
  },
)

t.test('a cache that cannot be written to costs nobody a byte', needsAddon, async t => {
  const stage = await onDisk(t, (_, response) => give(response, { 'Cache-Control': 'max-age=60' }))
  rmSync(stage.segments, { recursive: true })
  writeFileSync(stage.segments, 'in the way')
  for (let turn = 1; turn <= 2; turn += 1) {
    const reply = await stage.ask('/', host)
    t.equal(digest(reply.body), digest(body))
    t.match(cacheStatus(reply), /uri-miss/)
    await stage.edge.idle()
  }
  t.equal(stage.edge.counters().cacheEntries, 0)
})

/** A store whose records are not there before `commit`. */
function holding(store: Store): Store & { commit(): void } {
  let commit = (): void => {}
  const committed = new Promise<void>(resolve => {
    commit = resolve
  })
  return {
    bodies: store.bodies,
    get: (key, nowMs) => store.get(key, nowMs),
    refresh: keys => store.refresh?.(keys),
    put: async (key, record) => {
      await committed
      return store.put(key, record)
    },
    remove: key => store.remove(key),
    status: () => store.status(),
    close: () => store.close(),
    commit,
  } as Store & { commit(): void }
}

for (const size of [0, 10, 1_999, 64 * 1024 + 1, 8 * mebibyte]) {
  for (const isKnown of [true, false]) {
    const row = `${size} bytes, ${isKnown ? 'known' : 'chunked'}`
    t.test(`while it is being committed others get all of it: ${row}`, needsAddon, async t => {
      const bytes = noise(size)
      const script = (_: IncomingMessage, response: ServerResponse): void => {
        const length = isKnown ? { 'Content-Length': String(size) } : {}
        response.writeHead(200, { ...validator, 'Cache-Control': 'max-age=60', ...length }).end(bytes)
      }
      const store = holding(open(runDirectoryOf(t)))
      const stage = await play(t, script, { store })
      t.teardown(() => store.close())
      await stage.ask('/', host)
      for (let turn = 0; turn < 3; turn += 1) {
        const reply = await stage.ask('/', host)
        t.match(cacheStatus(reply), /collapsed/)
        t.equal(digest(reply.body), digest(bytes))
      }
      const head = await stage.ask('/', { ...host, method: 'HEAD' })
      t.match(cacheStatus(head), /collapsed/)
      const known = await stage.ask('/', { headers: { ...host.headers, 'if-none-match': '"1"' } })
      t.equal(known.status, 304)
      store.commit()
      await until(async () => cacheStatus(await stage.ask('/', host)).startsWith('hit'))
      t.equal(stage.origin.asked.length, 1)
    })
  }
}
