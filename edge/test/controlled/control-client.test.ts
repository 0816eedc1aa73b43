// Over real sockets: a unix socket, TLS, and servers that do not behave.
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { ControlClient } from '../../controlled/control-client.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { keyPairs } from '../support/key-pairs.js'

const settings = {
  silenceMs: 1_000,
  reconnectDelayMaxMs: 1_000,
  healthMs: 1_000,
  receiptsMax: 100,
  usageMs: 1_000,
}

function clientOf(
  t: Test,
  url: string,
  more: { caFile?: string; tokenFile?: string; silenceMs?: number } = {},
) {
  const tokenFile = `${t.testdir({ token: 'nce_a_b\n' })}/token`
  const client = new ControlClient({ url, tokenFile, ...settings, ...more })
  t.teardown(() => client.close())
  return client
}

async function local(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  const path = `${runDirectoryOf(t)}/control.sock`
  await new Promise<void>(resolve => server.listen(path, resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `unix:${path}`
}

t.test('it asks with its token, over a unix socket', async t => {
  const asked: unknown[] = []
  const url = await local(t, (request, response) => {
    let body = ''
    request.on('data', data => {
      body += data
    })
    request.on('end', () => {
      asked.push([request.method, request.url, request.headers.authorization, body])
      response.end(request.method === 'GET' ? '{"a":1}' : '')
    })
  })
  const client = clientOf(t, url)
  t.strictSame(await client.ask({ method: 'GET', path: '/v1/edge/snapshot' }), { a: 1 })
  t.equal(await client.ask({ method: 'POST', path: '/v1/edge/acks', body: { b: 2 } }), undefined)
  t.strictSame(asked, [
    ['GET', '/v1/edge/snapshot', 'Bearer nce_a_b', ''],
    ['POST', '/v1/edge/acks', 'Bearer nce_a_b', '{"b":2}'],
  ])
})

t.test('over TLS it knows who control is', async t => {
  const [{ certFile, keyFile }] = keyPairs(t) as [{ certFile: string; keyFile: string }]
  const server = createSecureServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile) },
    (_, response) => response.end('1'),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  t.equal(await clientOf(t, url, { caFile: certFile }).ask({ method: 'GET', path: '/' }), 1)
  await t.rejects(clientOf(t, url).ask({ method: 'GET', path: '/' }), {
    code: 'control-unreachable',
    message: /self-signed/,
  })
})

t.test('what goes wrong is said, and can be tried again', async t => {
  const silent = await local(t, () => {})
  const asking = { method: 'GET', path: '/' } as const
  await t.rejects(clientOf(t, silent, { silenceMs: 50 }).ask(asking), {
    code: 'control-unreachable',
    message: 'it says nothing',
  })
  await t.rejects(clientOf(t, 'unix:/absent/control.sock').ask(asking), {
    code: 'control-unreachable',
    message: /ENOENT/,
    retry: true,
  })
  await t.rejects(clientOf(t, silent, { tokenFile: '/absent/token' }).ask(asking), {
    code: 'control-token',
    message: /control\.tokenFile/,
  })
  const problem = await local(t, (_, response) =>
    response.writeHead(401).end('{"detail":"A valid token is needed"}'),
  )
  await t.rejects(clientOf(t, problem).ask(asking), {
    status: 401,
    message: 'control answers 401: A valid token is needed',
  })
  const other = await local(t, (_, response) => response.writeHead(502).end('<html>'))
  await t.rejects(clientOf(t, other).ask(asking), { status: 502, message: 'control answers 502: <html>' })
  const broken = await local(t, (_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('{')
    setImmediate(() => response.destroy())
  })
  await t.rejects(clientOf(t, broken).ask(asking), { code: 'control-broken' })
})
