// Who may do what: every route by every scope, and what is written down of it.
import { readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { scopes } from '../state/tokens.js'
import { stage } from './support/stage.js'

const routes: [method: string, path: string, scope: string | undefined][] = [
  ['GET', '/livez', undefined],
  ['GET', '/readyz', undefined],
  ['GET', '/v1/openapi.json', undefined],
  ['GET', '/', undefined],
  ['GET', '/docs', undefined],
  ['GET', '/metrics', 'usage:read'],
  ['GET', '/v1/sites', 'sites:read'],
  ['POST', '/v1/sites', 'sites:write'],
  ['GET', '/v1/sites/shop', 'sites:read'],
  ['DELETE', '/v1/sites/shop', 'sites:write'],
  ['GET', '/v1/sites/shop/versions', 'sites:read'],
  ['POST', '/v1/sites/shop/versions', 'sites:write'],
  ['GET', '/v1/sites/shop/versions/1', 'sites:read'],
  ['PUT', '/v1/sites/shop/versions/1', 'sites:write'],
  ['GET', '/v1/sites/shop/versions/1/diff?against=1', 'sites:read'],
  ['POST', '/v1/sites/shop/versions/1:validate', 'sites:read'],
  ['POST', '/v1/sites/shop/versions/1:activate', 'sites:write'],
  ['GET', '/v1/tokens', 'tokens:write'],
  ['POST', '/v1/tokens', 'tokens:write'],
  ['DELETE', '/v1/tokens/x', 'tokens:write'],
  ['GET', '/v1/audit', 'audit:read'],
  ['GET', '/v1/audit/verification', 'audit:read'],
  ['GET', '/v1/edge/snapshot', 'edges:sync'],
  ['GET', '/v1/edge/feed', 'edges:sync'],
  ['POST', '/v1/edge/acks', 'edges:sync'],
  ['POST', '/v1/edge/usage', 'edges:sync'],
  ['GET', '/v1/usage', 'usage:read'],
  ['GET', '/v1/sites/shop/quota', 'usage:read'],
  ['PUT', '/v1/sites/shop/quota', 'sites:write'],
  ['DELETE', '/v1/sites/shop/quota', 'sites:write'],
  ['GET', '/v1/events', 'sites:read'],
  ['GET', '/v1/tail', 'usage:read'],
  ['POST', '/v1/edge/tail', 'edges:sync'],
  ['GET', '/v1/backup', 'admin'],
  ['GET', '/v1/export', 'admin'],
  ['POST', '/v1/import', 'admin'],
  ['GET', '/v1/edges', 'sites:read'],
  ['GET', '/v1/edges/x', 'sites:read'],
  ['DELETE', '/v1/edges/x', 'admin'],
  ['POST', '/v1/sites/shop/purges', 'purge:select'],
  ['GET', '/v1/sites/shop/purges', 'purge:select'],
  ['POST', '/v1/purges', 'purge:all'],
  ['GET', '/v1/purges', 'purge:all'],
  ['GET', '/v1/purges/x', 'purge:select'],
]

t.test('every route is for its scope and for admins, and for nobody else', async t => {
  const s = await stage(t)
  const known = JSON.stringify((await s.ask('GET', '/v1/openapi.json')).body)
  const tokens = new Map<string, string>([['none', '']])
  for (const scope of scopes) {
    const { body } = await s.ask('POST', '/v1/tokens', { name: scope, scopes: [scope] })
    tokens.set(scope, body.token)
  }
  for (const [method, path, scope] of routes) {
    for (const [has, token] of tokens) {
      const { status } = await s.askAs(token, method, path)
      const isAllowed = scope === undefined || has === scope || has === 'admin'
      const refused = has === 'none' ? 401 : 403
      t.equal(![401, 403].includes(status), isAllowed, `${method} ${path} by ${has}: ${status}`)
      if (!isAllowed) t.equal(status, refused)
    }
  }
  for (const path of Object.keys(JSON.parse(known).paths)) {
    const isNamed = routes.some(([, named]) => toPattern(path).test(named.split('?')[0]!))
    t.ok(isNamed, `${path} is in the table`)
  }
})

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{[^}]*\}/g, '[^/]+?')}$`)
}

t.test('a token may be for some sites, for some time, and is gone when it is removed', async t => {
  const s = await stage(t)
  const config = { hosts: ['a.example'], origins: ['http://127.0.0.1:9000'] }
  for (const name of ['a', 'b']) await s.ask('POST', '/v1/sites', { name, config })
  const expiresAt = '2026-11-29T13:00:00.000Z'
  const made = await s.ask('POST', '/v1/tokens', {
    name: 'one',
    scopes: ['sites:read'],
    sites: ['a'],
    expiresAt,
  })
  t.match(made, { status: 201, body: { token: /^nce_[0-9a-f]{16}_[\w-]{43}$/, expiresAt, sites: ['a'] } })
  const { id, token } = made.body
  t.equal((await s.askAs(token, 'GET', '/v1/sites/a')).status, 200)
  t.match(await s.askAs(token, 'GET', '/v1/sites/b'), { status: 403, body: { detail: /sites:read for b/ } })
  t.equal(
    (await s.askAs(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, 'GET', '/v1/sites/a')).status,
    401,
  )
  for (const bad of ['x', 'nce_', `${token}x`])
    t.equal((await s.askAs(bad, 'GET', '/v1/sites/a')).status, 401, bad)
  const listed = await s.ask('GET', '/v1/tokens')
  t.notMatch(JSON.stringify(listed.body), /"(hash|token)"/, 'no secret, nor what comes of one')
  s.clock.nowMs += 3_600_000
  t.equal((await s.askAs(token, 'GET', '/v1/sites/a')).status, 401, 'it has expired')
  s.clock.nowMs -= 3_600_000
  t.equal((await s.ask('DELETE', `/v1/tokens/${id}`)).status, 204)
  t.equal((await s.askAs(token, 'GET', '/v1/sites/a')).status, 401)
  t.equal((await s.ask('DELETE', `/v1/tokens/${id}`)).status, 404)
  t.equal((await s.ask('POST', '/v1/tokens', { name: 'x', scopes: ['all'] })).status, 422)
})

t.test('the first token is for whoever reads the disk, and is made once', async t => {
  const s = await stage(t)
  t.equal(statSync(`${s.directory}/admin-token`).mode & 0o777, 0o600)
  await s.restart()
  t.equal((await s.ask('GET', '/v1/tokens')).body.items.length, 1)
})

t.test('the audit has every change and every refusal, and finds what was changed in it', async t => {
  const s = await stage(t)
  const config = { hosts: ['a.example'], origins: ['http://127.0.0.1:9000'] }
  const site = await s.ask('POST', '/v1/sites', { name: 'a', config })
  await s.askAs('', 'DELETE', '/v1/sites/a')
  await s.ask('POST', '/v1/sites/a/versions/1:activate', { comment: 'go' }, { 'if-match': site.etag! })
  await s.ask('DELETE', '/v1/sites/a', undefined, { 'if-match': '"0"' })
  const { items } = (await s.ask('GET', '/v1/audit')).body
  t.match(items, [
    { action: 'sites:remove', target: 'sites/a', outcome: 'refused', detail: { why: 'changed-meanwhile' } },
    {
      action: 'versions:activate',
      outcome: 'done',
      revisionBefore: 0,
      revisionAfter: 1,
      detail: { comment: 'go' },
    },
    { action: 'sites:remove', actor: 'nobody', outcome: 'refused', detail: { why: 'sites:write' } },
    { action: 'sites:create', outcome: 'done', address: '127.0.0.1' },
    { action: 'tokens:create', actor: 'control' },
  ])
  t.equal(items.length, 5)
  const page = await s.ask(
    'GET',
    `/v1/audit?limit=2&cursor=${(await s.ask('GET', '/v1/audit?limit=2')).body.nextCursor}`,
  )
  t.match(page.body.items, [{ sequence: 3 }, { sequence: 2 }])
})

t.test('a token is in no answer but the first, and in nothing that is kept', async t => {
  const s = await stage(t)
  const key = { 'idempotency-key': 'k' }
  const body = { name: 'one', scopes: ['sites:read'] }
  const first = await s.ask('POST', '/v1/tokens', body, key)
  const again = await s.ask('POST', '/v1/tokens', body, key)
  t.match(again, { status: 201, body: { id: first.body.id } })
  t.equal(again.body.token, undefined)
  // It may have underscores of its own.
  const secret = first.body.token.slice(-43)
  t.notOk(readFileSync(`${s.directory}/control.mdb`).includes(secret))
})

t.test('nobody gives what he has not, nor takes it from others', async t => {
  const s = await stage(t)
  const { body: clerk } = await s.ask('POST', '/v1/tokens', {
    name: 'clerk',
    scopes: ['tokens:write', 'sites:read'],
  })
  const as = (method: string, path: string, body?: unknown) => s.askAs(clerk.token, method, path, body)
  t.equal((await as('POST', '/v1/tokens', { name: 'x', scopes: ['sites:read'] })).status, 201)
  for (const scope of ['admin', 'sites:write', 'purge:all'])
    t.match(await as('POST', '/v1/tokens', { name: 'x', scopes: ['sites:read', scope] }), {
      status: 403,
      body: { detail: `This token lacks ${scope} itself.` },
    })
  const { items } = (await s.ask('GET', '/v1/tokens')).body
  const first = items.find(({ name }: { name: string }) => name === 'first')
  t.equal((await as('DELETE', `/v1/tokens/${first.id}`)).status, 403)
  t.equal((await as('DELETE', `/v1/tokens/${clerk.id}`)).status, 204)
  t.match((await s.ask('GET', '/v1/audit?limit=2')).body.items, [
    { action: 'tokens:remove', outcome: 'done' },
    { action: 'tokens:remove', outcome: 'refused' },
  ])
})
