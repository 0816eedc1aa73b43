// Plays: clients of plain HTTP are sent to https, and told there to stay (RFC 6797).
import t, { type Test } from 'tap'
import { get, securePorts } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'
import { always } from '../support/play.js'

async function stage(t: Test, https: Record<string, unknown>, fields: Record<string, string> = {}) {
  const origin = await startOrigin(
    t,
    always(200, { 'Cache-Control': 'max-age=60', ETag: '"a"', ...fields }, 'ok'),
  )
  const listen = [
    { address: '127.0.0.1', port: 0 },
    { address: '127.0.0.1', port: 0, engine: 'uws', tls: { certificates: keyPairs(t) } },
  ]
  const edge = await startEdge(t, testConfig(t, [origin.url], { https }, { listen }))
  const [plain = 0, secure = 0] = edge.serving.ports
  securePorts.add(secure)
  t.teardown(() => securePorts.delete(secure))
  const headers = { Host: 'Play.example' }
  return {
    origin,
    edge,
    askPlainly: (target: string, method = 'GET') => get(plain, target, { method, headers }),
    ask: (target: string, more: Record<string, string> = {}, method = 'GET') =>
      get(secure, target, { method, headers: { ...headers, ...more } }),
  }
}

const redirects: [
  row: string,
  https: Record<string, unknown>,
  target: string,
  location: string | undefined,
][] = [
  ['off', {}, '/a?b', undefined],
  ['to the port of https', { redirect: '308' }, '/a?b', 'https://play.example/a?b'],
  ['to another', { redirect: '301', port: 8443 }, '/', 'https://play.example:8443/'],
  ['a target as it is keyed', { redirect: '308' }, '/%61/%2f', 'https://play.example/a/%2F'],
  ['challenges of authorities are served', { redirect: '308' }, '/.well-known/acme-challenge/x', undefined],
  [
    'what only looks like one',
    { redirect: '308' },
    '/a/.well-known/acme-challenge/x',
    'https://play.example/a/.well-known/acme-challenge/x',
  ],
]
for (const [row, https, target, location] of redirects) {
  t.test(`a redirect from plain HTTP: ${row}`, async t => {
    const { origin, ask, askPlainly } = await stage(t, https)
    for (const method of ['GET', 'POST', 'HEAD']) {
      const reply = await askPlainly(target, method)
      t.equal(reply.status, location === undefined ? 200 : Number(https.redirect), method)
      t.equal(reply.headers.location, location, method)
    }
    t.equal(origin.asked.length > 0, location === undefined)
    t.equal((await ask(target)).status, 200, 'https is served')
  })
}

t.test('Strict-Transport-Security is said over https only, on every answer, once', async t => {
  const https = { hstsMs: '365d', hstsSubdomains: true, hstsPreload: true }
  const { ask, askPlainly } = await stage(t, https, { 'Strict-Transport-Security': 'max-age=1' })
  const said = 'max-age=31536000; includeSubDomains; preload'
  const answers: [
    row: string,
    target: string,
    headers: Record<string, string>,
    method: string,
    status: number,
  ][] = [
    ['a miss', '/a', {}, 'GET', 200],
    ['a hit', '/a', {}, 'GET', 200],
    ['another hit', '/a', {}, 'GET', 200],
    ['HEAD', '/a', {}, 'HEAD', 200],
    ['a 304', '/a', { 'If-None-Match': '"a"' }, 'GET', 304],
    ['a part', '/a', { Range: 'bytes=0-0' }, 'GET', 206],
    ['a pass', '/a', {}, 'PUT', 200],
    ['a refusal', '/b', { 'Cache-Control': 'only-if-cached' }, 'GET', 504],
  ]
  for (const [row, target, headers, method, status] of answers) {
    const reply = await ask(target, headers, method)
    t.equal(reply.status, status, row)
    const lines = reply.fields.filter(
      (_, at) => reply.fields[at - 1]?.toLowerCase() === 'strict-transport-security',
    )
    t.strictSame(lines, [said], row)
  }
  for (let time = 1; time <= 2; time += 1)
    t.notOk('strict-transport-security' in (await askPlainly('/a')).headers, 'RFC 6797 7.2')
})

t.test('what the origin says of it is left when the site says nothing', async t => {
  const { ask } = await stage(t, {}, { 'Strict-Transport-Security': 'max-age=1' })
  for (let time = 1; time <= 2; time += 1)
    t.equal((await ask('/a')).headers['strict-transport-security'], 'max-age=1')
})
