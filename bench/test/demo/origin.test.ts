import { request as httpRequest } from 'node:http'
import t, { type Test } from 'tap'
import type { Content } from '../../demo/content.js'
import { makeOrigin } from '../../demo/origin.js'
import type { Resource } from '../../demo/resource.js'
import { listenOn } from '../support/servers.js'

const page: Resource = {
  status: 200,
  type: 'text/html; charset=utf-8',
  body: Buffer.from('<p>hello</p>'),
  cacheControl: 'public, max-age=600',
  modifiedAt: new Date('2026-01-05T08:00:00Z'),
}
const content: Content = {
  resources: new Map([['/', page]]),
  notFound: { ...page, status: 404, body: Buffer.from('nothing') },
}

/** Gives a function that asks the origin and resolves with status, fields and body. */
async function start(t: Test) {
  const server = makeOrigin(content)
  const port = await listenOn(t, server)
  t.teardown(() => server.closeAllConnections())
  return (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; fields: NodeJS.Dict<string | string[]>; body: string }>(
      (resolve, reject) => {
        const asked = httpRequest(
          { port, host: '127.0.0.1', path, method, headers, agent: false },
          answer => {
            let body = ''
            answer.setEncoding('utf8').on('data', (chunk: string) => {
              body += chunk
            })
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, fields: answer.headers, body }))
          },
        )
        asked.on('error', reject).end(method === 'POST' ? 'a body' : undefined)
      },
    )
}

t.test('the origin gives type, length, lifetime and validators', async t => {
  const ask = await start(t)
  const { status, fields, body } = await ask('/?any=query')
  t.equal(status, 200)
  t.equal(body, '<p>hello</p>')
  t.match(fields, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': '12',
    'cache-control': 'public, max-age=600',
    'last-modified': 'Mon, 05 Jan 2026 08:00:00 GMT',
    etag: /^"/,
    date: /GMT$/,
  })
})

t.test('the origin answers HEAD like GET without the body', async t => {
  const ask = await start(t)
  const [get, head] = [await ask('/'), await ask('/', {}, 'HEAD')]
  t.equal(head.status, 200)
  t.equal(head.body, '')
  t.strictSame({ ...head.fields, date: '' }, { ...get.fields, date: '' })
})

t.test('the origin answers 304 to conditions that hold, to HEAD too', async t => {
  const ask = await start(t)
  const etag = String((await ask('/')).fields.etag)
  for (const method of ['GET', 'HEAD']) {
    const { status, fields, body } = await ask('/', { 'If-None-Match': etag }, method)
    t.equal(status, 304)
    t.equal(body, '')
    t.match(fields, { etag, 'cache-control': 'public, max-age=600' })
    t.equal(fields['content-type'], undefined)
  }
  t.equal((await ask('/', { 'If-Modified-Since': 'Tue, 06 Jan 2026 08:00:00 GMT' })).status, 304)
  t.equal((await ask('/', { 'If-None-Match': '"other"' })).status, 200)
})

t.test('the origin knows its endpoints and what it has not', async t => {
  const ask = await start(t)
  const time = await ask('/api/time')
  t.match(time.fields, { 'content-type': 'application/json', 'cache-control': 'public, max-age=5' })
  t.match((await ask('/vary', { 'Accept-Language': 'ha' })).fields, { 'content-language': 'ha' })
  t.match((await ask('/private')).fields, { 'cache-control': /^private/ })
  const statuses = [await ask('/sometimes'), await ask('/sometimes'), await ask('/sometimes')]
  t.strictSame(
    statuses.map(({ status }) => status),
    [200, 200, 503],
  )
  t.match(await ask('/nothing'), { status: 404, body: 'nothing' })
})

t.test('the origin takes two seconds for /slow', async t => {
  const ask = await start(t)
  const startedAt = performance.now()
  t.match(await ask('/slow'), { status: 200, body: 'That took two seconds.\n' })
  t.ok(performance.now() - startedAt >= 1_990)
})

t.test('the origin takes nothing', async t => {
  const ask = await start(t)
  t.match(await ask('/', {}, 'POST'), { status: 405, fields: { allow: 'GET, HEAD' }, body: '' })
})
