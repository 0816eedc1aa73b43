// Sites and versions through the API: drafts, faults, activation, rollback, and what edges are told.
import t from 'tap'
import { type Stage, stage } from './support/stage.js'

const config = { hosts: ['shop.example'], origins: ['http://127.0.0.1:9000'] }

async function withSite(s: Stage, name = 'shop', given: Record<string, unknown> = config) {
  const made = await s.ask('POST', '/v1/sites', { name, config: given })
  return { ...made, path: `/v1/sites/${name}` }
}

const comment = { comment: 'go' }

t.test('a site from its first draft to its removal', async t => {
  const s = await stage(t)
  const site = await withSite(s)
  t.match(site, {
    status: 201,
    etag: '"1"',
    location: '/v1/sites/shop',
    body: { activeVersion: null, lastVersion: 1 },
  })
  t.match(await s.ask('GET', '/v1/sites'), { body: { items: [{ name: 'shop' }], nextCursor: null } })
  const version = `${site.path}/versions/1`
  t.match(await s.ask('GET', version), {
    etag: '"1"',
    body: { state: 'draft', config, createdAt: '2026-11-29T12:00:00.000Z' },
  })
  t.strictSame((await s.ask('POST', `${version}:validate`)).body, { valid: true, errors: [] })
  const activated = await s.ask('POST', `${version}:activate`, comment, { 'if-match': site.etag! })
  t.match(activated, { status: 200, body: { activeVersion: 1, revision: 1 } })
  t.match(await s.ask('GET', version), { body: { state: 'active', comment: 'go' } })
  const snapshot = await s.ask('GET', '/v1/edge/snapshot')
  t.match(snapshot.body, { position: 1, revision: 1, sites: [{ ...config, name: 'shop' }] })
  t.equal(
    (await s.ask('GET', '/v1/edge/snapshot', undefined, { 'if-none-match': snapshot.etag! })).status,
    304,
  )
  t.equal((await s.ask('DELETE', site.path, undefined, { 'if-match': activated.etag! })).status, 204)
  t.equal((await s.ask('GET', site.path)).status, 404)
  t.match((await s.ask('GET', '/v1/edge/snapshot')).body, { position: 2, revision: 2, sites: [] })
})

t.test('another version, what it changes, and back', async t => {
  const s = await stage(t)
  const { path } = await withSite(s)
  const etag = async () => ({ 'if-match': (await s.ask('GET', path)).etag! })
  await s.ask('POST', `${path}/versions/1:activate`, comment, await etag())
  const draft = await s.ask('POST', `${path}/versions`, {})
  t.match(draft, { status: 201, location: `${path}/versions/2`, body: { number: 2, state: 'draft', config } })
  const next = { ...config, hosts: ['shop.example', 'www.shop.example'] }
  const changed = await s.ask('PUT', `${path}/versions/2`, { config: next }, { 'if-match': draft.etag! })
  t.match(changed, { status: 200, etag: '"2"' })
  t.strictSame((await s.ask('GET', `${path}/versions/2/diff?against=1`)).body.changes, [
    { pointer: '/hosts', before: config.hosts, after: next.hosts },
  ])
  t.match(await s.ask('POST', `${path}/versions/2:activate`, comment, await etag()), {
    body: { revision: 2 },
  })
  t.match(await s.ask('PUT', `${path}/versions/2`, { config }, { 'if-match': '*' }), {
    status: 409,
    body: { type: /not-a-draft$/ },
  })
  t.match(await s.ask('POST', `${path}/versions/1:activate`, { comment: 'back' }, await etag()), {
    body: { activeVersion: 1, revision: 3 },
  })
  t.strictSame(
    (await s.ask('GET', `${path}/versions`)).body.items.map(
      ({ number, state }: { number: number; state: string }) => [number, state],
    ),
    [
      [1, 'active'],
      [2, 'past'],
    ],
  )
  t.equal((await s.ask('POST', `${path}/versions/1:activate`, comment, await etag())).status, 409)
  t.match(await s.ask('POST', `${path}/versions`, { from: 2 }), { body: { number: 3, config: next } })
})

t.test('nothing that an edge would refuse is activated: all faults at once, with pointers', async t => {
  const s = await stage(t)
  const { path, etag } = await withSite(s, 'shop', {
    hosts: ['Shop.example'],
    orgins: [],
    cache: { staleMaxMs: 'long' },
  })
  const { body } = await s.ask('POST', `${path}/versions/1:validate`)
  t.equal(body.valid, false)
  t.strictSame(
    body.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/config/cache/staleMaxMs', '/config/hosts/0', '/config/orgins', '/config/origins'].sort(
      (a, b) =>
        body.errors.findIndex(({ pointer }: { pointer: string }) => pointer === a) -
        body.errors.findIndex(({ pointer }: { pointer: string }) => pointer === b),
    ),
  )
  const refused = await s.ask('POST', `${path}/versions/1:activate`, comment, { 'if-match': etag! })
  t.match(refused, {
    status: 422,
    type: /problem\+json/,
    body: { status: 422, errors: body.errors, requestId: String },
  })
  t.match(
    await s.ask('GET', '/v1/edge/snapshot'),
    { body: { revision: 0, sites: [] } },
    'nothing is half-applied',
  )
})

t.test('no two active sites share a host', async t => {
  const s = await stage(t)
  const [one, two] = [await withSite(s, 'one'), await withSite(s, 'two')]
  t.equal(
    (await s.ask('POST', `${one.path}/versions/1:activate`, comment, { 'if-match': one.etag! })).status,
    200,
  )
  const refused = await s.ask('POST', `${two.path}/versions/1:activate`, comment, { 'if-match': two.etag! })
  t.match(refused, {
    status: 422,
    body: { errors: [{ pointer: /^\/config\/hosts/, detail: /shop\.example/ }] },
  })
})

t.test('of activations at once exactly one wins, and so of changes', async t => {
  const s = await stage(t)
  const { path, etag } = await withSite(s)
  for (let at = 0; at < 4; at += 1) await s.ask('POST', `${path}/versions`, { from: 1 })
  const now = (await s.ask('GET', path)).etag!
  t.not(now, etag)
  const all = await Promise.all(
    [1, 2, 3, 4, 5].map(number =>
      s.ask('POST', `${path}/versions/${number}:activate`, comment, { 'if-match': now }),
    ),
  )
  t.strictSame(all.map(({ status }) => status).sort(), [200, 412, 412, 412, 412])
  t.match(await s.ask('GET', '/v1/edge/snapshot'), { body: { revision: 1 } })
})

t.test('what is said wrongly is told, and nothing done', async t => {
  const s = await stage(t, { sitesMax: 2, versionsMax: 2, bodyBytesMax: '2KiB' })
  const { path } = await withSite(s)
  const rows: [row: string, asked: Parameters<Stage['ask']>, status: number, body: object][] = [
    ['twice', ['POST', '/v1/sites', { name: 'shop', config }], 409, { type: /site-exists$/ }],
    ['a bad name', ['POST', '/v1/sites', { name: 'A b', config }], 422, { errors: [{ pointer: '/name' }] }],
    [
      'an unknown key',
      ['POST', '/v1/sites', { name: 'a', config, more: 1 }],
      422,
      { errors: [{ pointer: '/more' }] },
    ],
    ['a wrong type', ['POST', '/v1/sites', { name: 1, config: [] }], 422, { errors: [{}, {}] }],
    ['nothing', ['POST', '/v1/sites'], 422, {}],
    ['too much', ['POST', '/v1/sites', { name: 'x'.repeat(3_000) }], 413, {}],
    ['no comment', ['POST', `${path}/versions/1:activate`, {}, { 'if-match': '*' }], 422, {}],
    ['no If-Match', ['POST', `${path}/versions/1:activate`, comment], 428, {}],
    ['an old If-Match', ['DELETE', path, undefined, { 'if-match': '"0"' }], 412, {}],
    ['no such site', ['GET', '/v1/sites/none'], 404, {}],
    ['no such version', ['GET', `${path}/versions/7`], 404, {}],
    ['no number', ['GET', `${path}/versions/x`], 404, {}],
    ['no such path', ['GET', '/v1/none'], 404, {}],
    ['a bad page', ['GET', '/v1/sites?limit=0'], 400, {}],
    ['an unknown question', ['GET', '/v1/sites?q=1'], 400, {}],
  ]
  for (const [row, asked, status, body] of rows) {
    const reply = await s.ask(...asked)
    t.equal(reply.status, status, row)
    t.match(reply, { type: /^application\/problem\+json/, body: { ...body, status } }, row)
  }
  t.equal((await s.ask('POST', `${path}/versions`, {})).status, 201)
  t.match(await s.ask('POST', `${path}/versions`, {}), { status: 409, body: { type: /too-many-versions$/ } })
  await withSite(s, 'other')
  t.match(await withSite(s, 'third'), { status: 409, body: { type: /too-many-sites$/ } })
})

t.test('pages, and everything again after a restart', async t => {
  const s = await stage(t)
  for (const name of ['a', 'b', 'c']) await withSite(s, name, { ...config, hosts: [`${name}.example`] })
  const first = await s.ask('GET', '/v1/sites?limit=2')
  t.match(first.body, { items: [{ name: 'a' }, { name: 'b' }], nextCursor: 'b' })
  t.match((await s.ask('GET', '/v1/sites?limit=2&cursor=b')).body, {
    items: [{ name: 'c' }],
    nextCursor: null,
  })
  await s.ask('POST', '/v1/sites/b/versions/1:activate', comment, { 'if-match': '*' })
  await s.restart()
  t.match(await s.ask('GET', '/v1/edge/snapshot'), { body: { revision: 1, sites: [{ name: 'b' }] } })
  t.match(await s.ask('GET', '/v1/audit/verification'), { body: { sound: true } })
})

t.test('a POST that is sent again under its key is done once', async t => {
  const s = await stage(t)
  const key = { 'idempotency-key': 'k1' }
  const body = { name: 'shop', config }
  const first = await s.ask('POST', '/v1/sites', body, key)
  t.match(await s.ask('POST', '/v1/sites', body, key), { status: 201, etag: first.etag, body: first.body })
  t.match(await s.ask('POST', '/v1/sites', { ...body, name: 'x' }, key), {
    status: 422,
    body: { type: /reused$/ },
  })
  t.equal((await s.ask('POST', '/v1/sites', body, { 'idempotency-key': 'x'.repeat(300) })).status, 400)
  s.clock.nowMs += 25 * 3_600_000
  t.equal((await s.ask('POST', '/v1/sites', body, key)).status, 409, 'a day later it is forgotten')
})

t.test('one key is one deed, also of two at once, and no more answers are kept than may be', async t => {
  const s = await stage(t, { repliesMax: 2 })
  await withSite(s)
  const begin = (key: string) => s.ask('POST', '/v1/sites/shop/versions', {}, { 'idempotency-key': key })
  const both = await Promise.all([begin('a'), begin('a')])
  t.equal((await s.ask('GET', '/v1/sites/shop/versions')).body.items.length, 2)
  // The second is answered like the first, or told that it comes too early.
  t.ok(both.every(({ status }) => status === 201 || status === 409))
  for (const key of ['b', 'c']) t.equal((await begin(key)).body.number, key === 'b' ? 3 : 4)
  t.equal((await begin('c')).body.number, 4, 'the latest are known')
  t.equal((await begin('a')).body.number, 5, 'the oldest has left')
})
