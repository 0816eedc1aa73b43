// Plays: what is stored once the cache is full: what was asked for more than once, or is waited for; not what one client
// wanted once.
import type { RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { writeSiteBytes } from '../../cache/site-bytes.js'
import { needsAddon } from '../shared/support/ground.js'
import { cacheStatus, noise, type Play, play, until } from '../support/play.js'

const kib = 1024
const large = noise(512 * kib)
const minute = { 'Cache-Control': 'max-age=60' }

/** Resolved when the herd is all there. */
let herdIsThere: () => void = () => {}
const herd = new Promise<void>(resolve => {
  herdIsThere = resolve
})

/** `/large/...` is answered with half a MiB, `/small/...` with few bytes. */
const script: RequestListener = async (request, response) => {
  if (request.url === '/large/herd') await herd
  const body = request.url?.startsWith('/large') ? large : Buffer.from('small')
  response.writeHead(200, { ...minute, 'Content-Length': body.length }).end(body)
}

/** A small cache that holds as much as it is to hold. */
async function full(t: Test, site: object = {}): Promise<Play> {
  const more = { cache: { directory: `${t.testdir({})}`, bytesMax: '16MiB' } }
  const stage = await play(t, script, { store: 'lmdb', more, site: { ...site } })
  // 14 MiB are for segments; a worker, the optimiser and the keeper have one of 1 MiB each free, and two more are as good as full.
  const isFull = () => stage.edge.counters().cacheBytes > 9.5 * kib * kib
  // What the segments take is counted once a second: on a busy machine more has left by then than came.
  for (let at = 0; at < 400 && !isFull(); at += 1) {
    const before = stage.edge.counters().cacheEntries
    const isStored = cacheStatus(await stage.ask(`/large/${at}`)).endsWith('stored')
    if (isStored) await until(() => stage.edge.counters().cacheEntries > before)
    if (at >= 40) await new Promise(resolve => setTimeout(resolve, 50))
  }
  t.ok(isFull(), 'it is full')
  return stage
}

t.test('a full cache stores what is asked for again, not what is asked for once', needsAddon, async t => {
  const stage = await full(t)
  const targets = ['/large/new', '/small/new']
  // Before the first of them is stored: what leaves for it may make room for more.
  for (const target of targets)
    t.match(cacheStatus(await stage.ask(target)), /^fwd=uri-miss; fwd-status=200; detail=admission$/)
  for (const target of targets) {
    t.match(cacheStatus(await stage.ask(target)), /^fwd=uri-miss; fwd-status=200; stored$/)
    await until(async () => cacheStatus(await stage.ask(target)).startsWith('hit'))
  }
  // What comes for several at once is worth it at the first time; who waits gets it as ever.
  const asked = Array.from({ length: 5 }, () => stage.ask('/large/herd'))
  await until(() => stage.edge.counters().active === 5)
  herdIsThere()
  const replies = await Promise.all(asked)
  const said = replies.map(cacheStatus)
  t.ok(replies.every(({ body }) => body.equals(large)))
  t.equal(stage.origin.asked.filter(({ target }) => target === '/large/herd').length < 5, true, said.join())
})

t.test('where the site wants it so, everything is stored at once', needsAddon, async t => {
  const stage = await full(t, { cache: { admitAfter: 1 } })
  t.match(cacheStatus(await stage.ask('/large/new')), /stored$/)
})

t.test('a site that has its ceiling stores nothing more, and another one does', needsAddon, async t => {
  const directory = `${t.testdir({})}`
  const more = { cache: { directory } }
  const stage = await play(t, script, { store: 'lmdb', more, site: { cache: { bytesMax: '1MiB' } } })
  await writeSiteBytes(directory, { play: 3 * kib * kib })
  // Its first word on it has the count read.
  t.match(cacheStatus(await stage.ask('/large/first')), /stored$/)
  await until(async () =>
    cacheStatus(await stage.ask(`/small/${Math.random()}`)).endsWith('detail=site-full'),
  )
  t.match(cacheStatus(await stage.ask('/large/next')), /detail=site-full$/)
  t.match(cacheStatus(await stage.ask('/large/first')), /^hit/)
  await writeSiteBytes(directory, { play: kib })
  await until(async () => cacheStatus(await stage.ask(`/small/${Math.random()}`)).endsWith('stored'))
})
