// What becomes of a body in a segment when its entry is validated, updated or lost, and while it is being committed.
import { readdirSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import type { Store } from '../../cache/store.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import {
  body,
  give,
  host,
  mebibyte,
  onDisk,
  open,
  removeSegments,
  stored,
  validator,
} from '../support/on-disk.js'
import { cacheStatus, digest, noise, play, until } from '../support/play.js'

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
