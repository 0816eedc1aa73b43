// What is counted of a head is what the client gets, byte by byte, through the real socket.
import t from 'tap'
import { usageFields } from '../../../config/usage-fields.js'
import { headBytes } from '../../respond/head-bytes.js'
import { usageDirectory } from '../../usage/meter.js'
import { readUsage, usageFilesIn } from '../../usage/usage-file.js'
import { needsAddon } from '../shared/support/ground.js'
import { connectRaw } from '../support/client.js'
import { onUws, startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { until } from '../support/play.js'

const control = {
  ...{ url: 'unix:/absent', tokenFile: '/absent', silenceMs: 1_000, reconnectDelayMaxMs: 1_000 },
  ...{ healthMs: 1_000, usageMs: 1_000, receiptsMax: 100 },
}

t.test('what is counted of an answer is what its client gets', { ...onUws, ...needsAddon }, async t => {
  const origin = await startOrigin(t, ({ url }, response) => {
    const fields = { 'cache-control': 'max-age=60', etag: '"x"' }
    if (url === '/none') response.writeHead(204, fields).end()
    else if (url === '/chunked') response.writeHead(200, fields).end('some')
    else if (url === '/long')
      response.writeHead(404, { ...fields, 'content-length': 100_000 }).end(Buffer.alloc(100_000))
    else response.writeHead(200, { ...fields, 'content-length': 4 }).end('some')
  })
  const state = { directory: `${t.testdir()}/state` }
  const edge = await startEdge(t, { ...testConfig(t, [origin.url]), control, state })
  const directory = usageDirectory(state.directory)
  const counted = () =>
    usageFilesIn(directory)
      .flatMap(id => readUsage(directory, id)!)
      .reduce((sum, { totals }) => sum + totals[usageFields.indexOf('bytesOut')]!, 0)
  const cases = [
    'GET /a',
    'GET /a',
    'HEAD /a',
    'GET /none',
    'GET /long',
    'GET /long',
    'GET /a close',
    'HEAD /a close',
  ]
  for (const each of cases) {
    const before = counted()
    const [method, target, close] = each.split(' ')
    const client = await connectRaw(edge.port)
    client.write(`${method} ${target} HTTP/1.1\r\nHost: a\r\n${close ? 'Connection: close\r\n' : ''}\r\n`)
    const body = method === 'HEAD' || target === '/none' ? 0 : target === '/long' ? 100_000 : 4
    const headBytes = (await client.until('\r\n\r\n')).indexOf('\r\n\r\n') + 4
    await edge.idle()
    await until(() => counted() > before)
    t.equal(counted() - before, headBytes + body, each)
    client.socket.destroy()
  }
})

t.test('a head is a status line, its fields, Date, and where its body ends', async t => {
  const head = { status: 200, block: Buffer.from('ETag: "x"\r\nAge'), tail: '3\r\nCache-Status: naij; hit' }
  const text = (framing: string) =>
    `HTTP/1.1 200 OK\r\nETag: "x"\r\nAge: 3\r\nCache-Status: naij; hit\r\nDate: Sun, 29 Nov 2026 12:00:00 GMT\r\n${framing}\r\n`
  t.equal(headBytes(head, undefined, false), text('').length)
  t.equal(headBytes(head, 'chunked', false), text('Transfer-Encoding: chunked\r\n').length)
  for (const length of [0, 9, 10, 999, 1_000, 123_456_789_012])
    t.equal(headBytes(head, length, true), text(`Connection: close\r\nContent-Length: ${length}\r\n`).length)
})
