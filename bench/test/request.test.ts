import { createServer, type IncomingMessage } from 'node:http'
import t from 'tap'
import { ask, BROWSER_FIELDS, saysHit } from '../request.js'
import { listenOn } from './support/servers.js'

t.test('ask() sends the twelve fields of a browser and gives status, fields and body', async t => {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    response.writeHead(404, { 'X-Cache': 'MISS' }).end('gone')
  })
  const answer = await ask(`http://127.0.0.1:${await listenOn(t, server)}/x`)
  t.match(answer, { status: 404, fields: { 'x-cache': 'MISS' } })
  t.equal(answer.body.toString(), 'gone')
  t.equal(BROWSER_FIELDS.length, 12)
  t.strictSame(seen[0]!.rawHeaders, BROWSER_FIELDS.flat())
})

t.test('ask() rejects when the answer breaks off or nobody is there', async t => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Length': 10 })
    response.write('half', () => response.destroy())
  })
  const port = await listenOn(t, server)
  await t.rejects(ask(`http://127.0.0.1:${port}/`), { code: 'ECONNRESET' })
  await t.rejects(ask('http://127.0.0.1:1/'), { code: 'ECONNREFUSED' })
})

t.test('saysHit() reads Cache-Status and X-Cache', async t => {
  const cases: [fields: Record<string, string>, expected: boolean][] = [
    [{ 'cache-status': 'naij; hit; ttl=5' }, true],
    [{ 'cache-status': 'naij; hit' }, true],
    [{ 'cache-status': 'naij;hit, other; fwd=miss' }, true],
    [{ 'cache-status': 'naij; fwd=uri-miss; stored' }, false],
    [{ 'cache-status': 'naij; fwd=uri-miss; detail=hitherto' }, false],
    [{ 'x-cache': 'HIT' }, true],
    [{ 'x-cache': 'MISS' }, false],
    [{ via: 'http/1.1 a (ApacheTrafficServer/9.2.9 [cHs f ])' }, true],
    [{ via: 'http/1.1 a (ApacheTrafficServer/9.2.9 [cRs f ])' }, true],
    [{ via: 'http/1.1 a (ApacheTrafficServer/9.2.9 [cMsSfW])' }, false],
    [{}, false],
  ]
  for (const [fields, expected] of cases) {
    t.equal(saysHit({ status: 200, fields, body: Buffer.alloc(0) }), expected, JSON.stringify(fields))
  }
})

t.test('ask() sends a body with POST', async t => {
  const seen: [method: string | undefined, length: string | undefined][] = []
  const server = createServer((request, response) => {
    seen.push([request.method, request.headers['content-length']])
    request.resume().on('end', () => response.end())
  })
  await ask(`http://127.0.0.1:${await listenOn(t, server)}/x`, { requestBytes: 70_000 })
  t.strictSame(seen, [['POST', '70000']])
})
