// Purges and their receipts, as an admin sees them; what edges do with them is told by scripted ones.
import t from 'tap'
import { listen } from './support/feed.js'
import { type Stage, stage } from './support/stage.js'

async function withSite(s: Stage): Promise<void> {
  const config = { hosts: ['shop.example', '*.cdn.example'], origins: ['http://127.0.0.1:9000'] }
  await s.ask('POST', '/v1/sites', { name: 'shop', config })
  await s.ask('POST', '/v1/sites/shop/versions/1:activate', { comment: 'go' }, { 'if-match': '*' })
}

const path = '/v1/sites/shop/purges'

t.test('a purge goes to every edge, and each tells what became of it', async t => {
  const s = await stage(t)
  await withSite(s)
  const [one, two] = [await listen(t, s, 1), await listen(t, s, 2)]
  const asked = { kind: 'url', items: ['https://shop.example/a', 'http://x.cdn.example/b?c'], soft: true }
  const made = await s.ask('POST', path, asked)
  t.match(made, {
    status: 202,
    location: `/v1/purges/${made.body.id}`,
    body: { state: 'pending', sequence: 2 },
  })
  t.match(made.body.edges, { total: 2, applied: 0, pending: 2, unreachable: 0, refused: 0 })
  for (const edge of [one, two])
    t.match(await edge.line(({ type }) => type === 'purge'), {
      ...asked,
      site: 'shop',
      position: 2,
      id: made.body.id,
    })

  const waiting = s.ask('GET', `/v1/purges/${made.body.id}`, undefined, { prefer: 'respond-async, wait=20' })
  const applied = { sequence: 2, state: 'applied', localSequence: 7, reasons: [] }
  await one.ack({ position: 2, receipts: [applied] })
  await two.ack({
    position: 2,
    receipts: [{ ...applied, state: 'refused', localSequence: null, reasons: ['no such site'] }],
  })
  const { body } = await waiting
  t.match(body, { state: 'refused', edges: { applied: 1, refused: 1 } })
  t.match(body.receipts, [
    { edge: one.id, name: 'edge1', state: 'applied', localSequence: 7, at: '2026-11-29T12:00:00.000Z' },
    { edge: two.id, state: 'refused', reasons: ['no such site'] },
  ])
  t.match((await s.ask('GET', path)).body.items, [{ id: made.body.id, state: 'refused' }])
  t.match((await s.ask('GET', '/v1/purges?limit=1')).body, {
    items: [{ id: made.body.id }],
    nextCursor: null,
  })
  await s.restart()
  t.match((await s.ask('GET', `/v1/purges/${made.body.id}`)).body, { state: 'refused' })
})

t.test('an edge that was away hears of it when it is back, and what it said may be lost', async t => {
  const s = await stage(t)
  await withSite(s)
  const edge = await listen(t, s, 1)
  edge.leave()
  while ((await s.ask('GET', `/v1/edges/${edge.id}`)).body.state === 'up')
    await new Promise(resolve => setTimeout(resolve, 5))
  const startMs = performance.now()
  const made = await s.ask('POST', path, { kind: 'tag', items: ['a'] }, { prefer: 'wait=20' })
  t.ok(performance.now() - startMs < 10_000, 'nobody waits for who is away')
  t.match(made.body, { state: 'partial', edges: { total: 1, unreachable: 1 } })
  const back = await listen(t, s, 1, { after: 1 })
  t.match(await back.line(({ type }) => type === 'purge'), { id: made.body.id })
  t.match((await s.ask('GET', `/v1/purges/${made.body.id}`)).body, { state: 'pending' })
  back.leave()
  await listen(t, s, 1, { after: 2 })
  t.match(
    (await s.ask('GET', `/v1/purges/${made.body.id}`)).body,
    { state: 'applied' },
    'it says that it has come so far',
  )
})

t.test('counting asks those that are there, and purges nothing', async t => {
  const s = await stage(t)
  await withSite(s)
  const edge = await listen(t, s, 1)
  const asked = s.ask('POST', path, { kind: 'tag', items: ['a'], dryRun: true }, { prefer: 'wait=20' })
  const { id } = await edge.line(({ type }) => type === 'count')
  const count = { id, entries: 3, scanned: 10, complete: true, reasons: [] }
  await edge.ack({ counts: [count, { ...count, id: 'nobody' }] })
  t.match(await asked, {
    status: 200,
    body: { dryRun: true, asked: 1, complete: true, edges: [{ edge: edge.id, entries: 3 }] },
  })
  t.strictSame((await s.ask('GET', path)).body.items, [])
  const late = await s.ask('POST', path, { kind: 'tag', items: ['a'], dryRun: true }, { prefer: 'wait=0' })
  t.match(late.body, { asked: 1 })
})

t.test('who purges what: whole sites and all need a wider scope', async t => {
  const s = await stage(t)
  await withSite(s)
  const { body: select } = await s.ask('POST', '/v1/tokens', {
    name: 'x',
    scopes: ['purge:select'],
    sites: ['shop'],
  })
  const as = (method: string, where: string, body?: unknown) => s.askAs(select.token, method, where, body)
  const mine = await as('POST', path, { kind: 'tag', items: ['a'] })
  t.equal(mine.status, 202)
  t.equal((await as('GET', `/v1/purges/${mine.body.id}`)).status, 200)
  t.equal((await as('POST', path, { kind: 'site' })).status, 403)
  t.equal((await as('POST', '/v1/purges', { kind: 'all' })).status, 403)
  const whole = await s.ask('POST', '/v1/purges', { kind: 'all' })
  t.match(whole.body, { kind: 'all', site: null, state: 'applied', edges: { total: 0 } })
  t.equal(
    (await as('GET', `/v1/purges/${whole.body.id}`)).status,
    404,
    'what is not of its sites it does not see',
  )
})

t.test('what is wrong is told at once, all of it, and nothing is purged', async t => {
  const s = await stage(t)
  await withSite(s)
  const pointers = async (body: unknown) => {
    const reply = await s.ask('POST', path, body)
    t.equal(reply.status, 422, JSON.stringify(body))
    return reply.body.errors.map(({ pointer }: { pointer: string }) => pointer)
  }
  t.strictSame(
    await pointers({ kind: 'url', items: ['/a', 'https://other.example/', 'https://shop.example/'] }),
    ['/items/0', '/items/1'],
  )
  t.strictSame(await pointers({ kind: 'prefix', items: ['https://shop.example/a?b'] }), ['/items/0'])
  t.strictSame(await pointers({ kind: 'tag', items: [' a', 'ok', 'b\u0001'] }), ['/items/0', '/items/2'])
  t.strictSame(await pointers({ kind: 'tag' }), ['/items'])
  t.strictSame(await pointers({ kind: 'site', items: ['a'] }), ['/items'])
  t.strictSame(await pointers({ kind: 'everything' }), ['/kind'])
  t.strictSame(await pointers({ kind: 'tag', items: Array(257).fill('a') }), ['/items'])
  t.strictSame(await pointers({ kind: 'tag', items: ['a'], sfot: true }), ['/sfot'])
  t.equal((await s.ask('POST', '/v1/sites/other/purges', { kind: 'site' })).status, 404)
  t.strictSame((await s.ask('GET', '/v1/purges')).body.items, [])
})

t.test('there is so much in a minute, and no more', async t => {
  const s = await stage(t, { purgeItemsPerMinuteMax: 3, purgeSitesPerMinuteMax: 1, refusalsPerMinuteMax: 2 })
  await withSite(s)
  t.equal((await s.ask('POST', path, { kind: 'tag', items: ['a', 'b'] })).status, 202)
  t.match(await s.ask('POST', path, { kind: 'tag', items: ['a', 'b'] }), {
    status: 429,
    body: { title: 'Too many' },
  })
  t.equal((await s.ask('POST', path, { kind: 'site' })).status, 202)
  t.equal((await s.ask('POST', path, { kind: 'site' })).status, 429)
  const response = await fetch(`${s.url}/v1/sites`, { headers: { authorization: `Bearer ${s.token}` } })
  t.match(response.headers.get('ratelimit-policy'), /^"requests";q=6000;w=60$/)
  t.match(response.headers.get('ratelimit'), /^"requests";r=59\d\d;t=\d+$/)
  const before = (await s.ask('GET', '/v1/audit')).body.items.length
  const statuses = []
  for (let at = 0; at < 4; at += 1) statuses.push((await s.askAs('', 'GET', '/v1/sites')).status)
  t.strictSame(statuses, [401, 401, 429, 429])
  t.equal((await s.ask('GET', '/v1/audit')).body.items.length, before + 2, 'they do not fill the audit')
})
