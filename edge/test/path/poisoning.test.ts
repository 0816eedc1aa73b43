// Plays: the known ways to make a cache give one client's answer to others (cache poisoning), to make it deny them
// (cache-poisoned denial of service) or to make it keep what is one client's alone (cache deception). The origin is as
// weak as those that were attacked; each row is one attack, then a victim who asks for the same URL.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import t from 'tap'
import { connectRaw, get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { cacheStatus, play } from '../support/play.js'

const long = { 'Cache-Control': 'max-age=600' }
const dated = { 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }

/** What it builds of fields that no key holds: host of links, path, method, scheme. */
function gullible(request: IncomingMessage, response: ServerResponse): void {
  const { headers, method = '', url = '' } = request
  const first = (...names: string[]) => names.map(name => headers[name]).find(value => value !== undefined)
  const host = first(
    'x-host',
    'x-original-host',
    'x-http-host-override',
    'x-forwarded-server',
    'x-forwarded-host',
  )
  const path = first('x-original-url', 'x-rewrite-url', 'x-http-destinationurl', 'x-forwarded-prefix')
  const verb = first('x-http-method-override', 'x-http-method', 'x-method-override')
  const scheme = first('x-forwarded-scheme', 'x-url-scheme', 'front-end-https')
  response.writeHead(200, long)
  response.end(
    [
      host ?? headers.host,
      path ?? url,
      verb ?? method,
      scheme ?? headers['x-forwarded-proto'],
      headers.forwarded,
    ].join(' '),
  )
}

const unkeyed: [field: string, value: string][] = [
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Forwarded-Server', 'evil.example'],
  ['X-Host', 'evil.example'],
  ['X-Original-Host', 'evil.example'],
  ['X-HTTP-Host-Override', 'evil.example'],
  ['Forwarded', 'host=evil.example'],
  ['X-Original-URL', '/admin'],
  ['X-Rewrite-URL', '/admin'],
  ['X-HTTP-DestinationURL', '/admin'],
  ['X-Forwarded-Prefix', '/admin'],
  ['X-HTTP-Method-Override', 'POST'],
  ['X-HTTP-Method', 'POST'],
  ['X-Method-Override', 'DELETE'],
  ['X-Forwarded-Scheme', 'nothttps'],
  ['X-Forwarded-Proto', 'nothttps'],
]
t.test('fields that no key holds do not reach an origin that would obey them', async t => {
  const { ask } = await play(t, gullible)
  const honest = (await ask('/honest')).text
  for (const [field, value] of unkeyed) {
    const target = `/${field}`
    await ask(target, { headers: { [field]: value } })
    const victim = await ask(target)
    t.equal(cacheStatus(victim).slice(0, 3), 'hit', `${field}: it was stored`)
    t.equal(victim.text, honest.replace('/honest', target), field)
    await ask(`${target}/head`)
    await ask(`${target}/head`, { method: 'HEAD', headers: { [field]: value, 'Cache-Control': 'no-cache' } })
    t.equal(
      (await ask(`${target}/head`)).text,
      honest.replace('/honest', `${target}/head`),
      `${field}: by HEAD`,
    )
  }
})

t.test('a field that the site keys is sent, and its answer is for those who send the same', async t => {
  const { ask } = await play(t, gullible, { site: { cache: { keyFields: ['x-host'] } } })
  t.match((await ask('/a', { headers: { 'X-Host': 'other.example' } })).text, /^other\.example /)
  t.notMatch((await ask('/a')).text, /other/)
})

t.test('what a POST says of its method is for its origin to obey', async t => {
  const { ask } = await play(t, gullible)
  const reply = await ask('/a', { method: 'POST', headers: { 'X-HTTP-Method-Override': 'PUT' }, body: 'x' })
  t.match(reply.text, / PUT /)
})

/** An origin that answers an error, which caches may keep, to what it does not like. */
function touchy(status: number, dislikes: (request: IncomingMessage) => boolean): RequestListener {
  return (request, response) => {
    if (dislikes(request)) response.writeHead(status, dated).end('no')
    else response.writeHead(200, long).end('ok')
  }
}

const denials: [row: string, status: number, field: string, value: string][] = [
  ['oversized field (HHO)', 404, 'X-Oversized', 'x'.repeat(9_000)],
  ['oversized cookie', 404, 'Cookie', `a=${'x'.repeat(6_000)}`],
  ['oversized user agent', 410, 'User-Agent', 'x'.repeat(3_000)],
  ['field of another software', 404, 'X-Amz-Website-Redirect-Location', 'x'],
  ['unknown field', 501, 'X-Anything', 'x'],
  ['a range that nobody can give', 414, 'X-Range', 'bytes=cow'],
  ['authorization', 404, 'Authorization', 'Basic !'],
]
for (const preset of ['origin', 'smart']) {
  t.test(`an error that an unusual request may have caused is not stored (preset ${preset})`, async t => {
    for (const [row, status, field, value] of denials) {
      const dislikes = (request: IncomingMessage) => request.headers[field.toLowerCase()] === value
      const { ask } = await play(t, touchy(status, dislikes), { site: { cache: { preset } } })
      t.equal((await ask('/a.css', { headers: { [field]: value } })).status, status, row)
      t.equal((await ask('/a.css')).status, 200, `${row}: the victim`)
      t.equal((await ask('/a.css', { headers: { [field]: value } })).status, 200, `${row}: a hit now`)
    }
  })
}

t.test('an error that anybody gets is stored as before, and one of which the origin says so', async t => {
  const plain = await play(
    t,
    touchy(404, () => true),
  )
  await plain.ask('/a')
  t.match(cacheStatus(await plain.ask('/a')), /^hit/)
  const said = await play(t, (_, response) => void response.writeHead(404, long).end('no'))
  await said.ask('/a', { headers: { 'X-Anything': 'x' } })
  t.match(cacheStatus(await said.ask('/a')), /^hit/)
})

t.test('an error that an unusual request caused takes nothing out of the cache', async t => {
  const { ask } = await play(t, (request, response) => {
    if (request.headers['x-bad']) response.writeHead(404, dated).end('no')
    else response.writeHead(200, { 'Cache-Control': 'max-age=0, stale-if-error=600', ETag: '"a"' }).end('ok')
  })
  await ask('/a')
  t.equal((await ask('/a', { headers: { 'X-Bad': '1' } })).status, 404)
  const victim = await ask('/a')
  t.equal(victim.status, 200)
  t.match(cacheStatus(victim), /fwd=stale/, 'it is still there')
})

t.test('a Host that is not what it seems reaches nobody', async t => {
  const origin = await startOrigin(t, gullible)
  const edge = await startEdge(t, testConfig(t, [origin.url], { hosts: ['shop.example'] }))
  for (const lines of [
    ['Host: shop.example', 'Host: evil.example'],
    ['Host: evil.example'],
    ['Host: shop.example@evil.example'],
    ['Host: shop.example:80@evil.example'],
    ['Host: shop.example evil.example'],
    ['Host: shop.example, evil.example'],
    ['Host : evil.example', 'Host: shop.example'],
    [' Host: evil.example', 'Host: shop.example'],
  ]) {
    const client = await connectRaw(edge.port)
    client.write(`GET /a HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    const answer = await client.until(/\r\n\r\n/)
    t.match(answer, /^HTTP\/1\.1 4\d\d /, lines.join(' | '))
    client.socket.destroy()
  }
  t.equal(origin.asked.length, 0)
  const ported = await get(edge.port, '/a', { headers: { Host: 'shop.example:1337' } })
  t.match(ported.text, /^shop\.example:1337 /)
  t.match(
    (await get(edge.port, '/a', { headers: { Host: 'shop.example' } })).text,
    /^shop\.example \/a/,
    'a port is keyed',
  )
})
