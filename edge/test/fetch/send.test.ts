import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { Upload } from '../../accept/upload.js'
import type { EdgeError } from '../../error.js'
import { type Origin, Origins } from '../../fetch/origins.js'
import { type Ask, type Sending, send } from '../../fetch/send.js'
import { NotingResponder, siteConfig } from '../support/exchange.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { until } from '../support/supervise-until.js'

/** What came back, event by event; `pausesAt` answers that many bytes with false. */
class Noted {
  readonly events: string[] = []
  readonly chunks: Buffer[] = []
  status = 0
  fields: readonly string[] = []
  error: EdgeError | undefined
  pausesAt = Number.POSITIVE_INFINITY
  readonly ended: Promise<void>
  #settle: () => void = () => {}

  constructor() {
    this.ended = new Promise(resolve => {
      this.#settle = resolve
    })
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1')
  }

  onHead(status: number, fields: readonly string[]): void {
    this.events.push('head')
    this.status = status
    this.fields = fields
  }

  onBody(chunk: Buffer): boolean {
    this.chunks.push(chunk)
    if (this.events.at(-1) !== 'body') this.events.push('body')
    return this.body.length < this.pausesAt
  }

  onEnd(): void {
    this.events.push('end')
    this.#settle()
  }

  onError(error: EdgeError): void {
    this.events.push(`error ${error.code}`)
    this.error = error
    this.#settle()
  }
}

const quick = { connectMs: 500, firstByteMs: 5_000, betweenBytesMs: 5_000, totalMs: 5_000 }

function originAt(
  t: Test,
  url: string,
  timeouts: Partial<typeof quick> = {},
  more: Record<string, unknown> = {},
): Origin {
  const origins = new Origins(siteConfig({ origins: [url], timeouts: { ...quick, ...timeouts }, ...more }))
  t.teardown(() => Promise.all(origins.list.map(origin => origin.pool.destroy())))
  return origins.list[0]
}

function asking(more: Partial<Ask> = {}): Ask {
  const fields = ['Host', 'play.example']
  return {
    method: 'GET',
    target: '/',
    fields,
    body: undefined,
    bodyBytes: undefined,
    totalMs: 5_000,
    ...more,
  }
}

/** One request to the end of its answer. */
async function sent(origin: Origin, more: Partial<Ask> = {}, noted = new Noted()): Promise<Noted> {
  send(origin, asking(more), noted)
  await noted.ended
  return noted
}

/** An origin that answers each request with these bytes, and closes when told so. */
async function saying(
  t: Test,
  bytes: string,
  more: { close?: boolean; timeouts?: Partial<typeof quick> } = {},
): Promise<Origin> {
  const origin = await startRawOrigin(t, socket => {
    socket.write(bytes, 'latin1')
    if (more.close) socket.end()
  })
  return originAt(t, origin.url, more.timeouts)
}

t.test('send() reports head, body and end, the fields as they came', async t => {
  const origin = await saying(t, 'HTTP/1.1 203 Hm\r\nX-A: 1\r\nx-a: \xe9\r\nContent-Length: 3\r\n\r\nabc')
  const noted = await sent(origin)
  t.strictSame(noted.events, ['head', 'body', 'end'])
  t.equal(noted.status, 203)
  t.strictSame(noted.fields, ['X-A', '1', 'x-a', '\xe9', 'Content-Length', '3'])
  t.equal(noted.body, 'abc')
  t.equal(origin.active, 0)
})

t.test('send() writes the request as asked, framing included', async t => {
  const origin = await startRawOrigin(t, socket => socket.write('HTTP/1.1 204 x\r\n\r\n'))
  const fields = ['Host', 'a.example', 'X-B', '\xe9', 'x-b', '2']
  await sent(originAt(t, origin.url), { target: '/p?q', fields })
  const lines = origin.heads[0].split('\r\n')
  t.equal(lines[0], 'GET /p?q HTTP/1.1')
  t.match(origin.heads[0], /\r\nhost: a\.example\r\n/i)
  t.match(origin.heads[0], /\r\nX-B: \xe9\r\nx-b: 2\r\n/)
  t.notMatch(origin.heads[0], /content-length|transfer-encoding/i)
})

const uploads: [row: string, method: string, bodyBytes: number | undefined, framing: RegExp][] = [
  ['RFC 9112 6.2 with its length', 'POST', 6, /\r\ncontent-length: 6\r\n/i],
  ['RFC 9112 7.1 chunked', 'PUT', undefined, /\r\ntransfer-encoding: chunked\r\n/i],
  ['RFC 9110 9.3.1 GET with its length', 'GET', 6, /\r\ncontent-length: 6\r\n/i],
  ['RFC 9110 9.3.1 GET chunked', 'GET', undefined, /\r\ntransfer-encoding: chunked\r\n/i],
]
for (const [row, method, bodyBytes, framing] of uploads) {
  t.test(`send() sends a body: ${row}`, async t => {
    let body = ''
    const origin = await startOrigin(t, (request, response) => {
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => response.end('ok'))
    })
    const upload = uploadOf(t)
    upload.receive(new Uint8Array(Buffer.from('abc')).buffer, false)
    setImmediate(() => upload.receive(new Uint8Array(Buffer.from('def')).buffer, true))
    const noted = await sent(originAt(t, origin.url), { method, body: upload, bodyBytes })
    t.strictSame(noted.events, ['head', 'body', 'end'])
    t.equal(body, 'abcdef')
    const { fields } = origin.asked[0]
    t.match(`\r\n${fields.map((text, i) => text + (i % 2 === 0 ? ': ' : '\r\n')).join('')}`, framing)
  })
}

function uploadOf(t: Test): Upload {
  const spool = { directory: t.testdir({}), used: 0, max: 1_000 }
  return new Upload({ bodyBytesMax: 1_000, memoryBytesMax: 1_000, spool }, new NotingResponder())
}

t.test('send() tells when the client leaves while sending', async t => {
  const origin = await startOrigin(t, () => {})
  const upload = uploadOf(t)
  upload.receive(new Uint8Array(3).buffer, false)
  setTimeout(() => upload.lose(), 20)
  const noted = await sent(originAt(t, origin.url), { method: 'POST', body: upload, bodyBytes: 6 })
  t.match(noted.error, { code: 'client-left', source: 'client' })
})

const bodies: [row: string, method: string, bytes: string, events: string[], body: string][] = [
  [
    'RFC 9112 6.3 chunked',
    'GET',
    '200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    ['head', 'body', 'end'],
    'abc',
  ],
  [
    'RFC 9112 7.1.2 trailers',
    'GET',
    '200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nX: y\r\n\r\n',
    ['head', 'body', 'end'],
    'a',
  ],
  ['RFC 9112 6.3 an empty body', 'GET', '200 OK\r\nContent-Length: 0\r\n\r\n', ['head', 'end'], ''],
  ['RFC 9110 9.3.2 HEAD has none', 'HEAD', '200 OK\r\nContent-Length: 5\r\n\r\n', ['head', 'end'], ''],
  ['RFC 9110 15.3.5 204 has none', 'GET', '204 No\r\nContent-Length: 5\r\n\r\n', ['head', 'end'], ''],
  ['RFC 9110 15.4.5 304 has none', 'GET', '304 No\r\nContent-Length: 5\r\n\r\n', ['head', 'end'], ''],
  [
    'RFC 9112 6.3 ended by the close',
    'GET',
    '200 OK\r\nConnection: close\r\n\r\nabc',
    ['head', 'body', 'end'],
    'abc',
  ],
  [
    'RFC 9110 15.2 an interim response',
    'GET',
    '103 Hint\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na',
    ['head', 'body', 'end'],
    'a',
  ],
  [
    'RFC 9110 15.2 sixteen of them',
    'GET',
    `${'103 H\r\n\r\nHTTP/1.1 '.repeat(16)}200 OK\r\nContent-Length: 1\r\n\r\na`,
    ['head', 'body', 'end'],
    'a',
  ],
]
for (const [row, method, bytes, events, body] of bodies) {
  t.test(`send() ${row}`, async t => {
    const close = bytes.includes('close')
    const origin = await saying(t, `HTTP/1.1 ${bytes}`, { close })
    const noted = await sent(origin, { method })
    t.strictSame(noted.events, events)
    t.equal(noted.body, body)
    t.equal(noted.status, Number(/(?<=^|HTTP\/1\.1 )[2-5]\d\d/.exec(bytes)?.[0]), 'the final status')
  })
}

const bad: [row: string, bytes: string, events: string[]][] = [
  ['RFC 9112 4 no status line', 'HELLO\r\n\r\n', ['error bad-response']],
  ['RFC 9112 4 a bad status', 'HTTP/1.1 2x0 OK\r\n\r\n', ['error bad-response']],
  [
    'RFC 9112 6.3 two lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ['error bad-response'],
  ],
  ['RFC 9112 6.3 no number', 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nab', ['error bad-response']],
  [
    'RFC 9112 6.1 length and chunked',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9110 5.5 a control character',
    'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  ['RFC 9110 5.5 DEL', 'HTTP/1.1 200 OK\r\nX: a\x7fb\r\nContent-Length: 0\r\n\r\n', ['error bad-response']],
  [
    'RFC 9110 5.5 a bare CR',
    'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 5.2 obs-fold',
    'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 5.1 a space before the colon',
    'HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 6.1 a coding that nobody asked for',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc',
    ['error bad-response'],
  ],
  [
    'RFC 9112 6.1 a coding under chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 7.1 a bad chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    ['head', 'error bad-response'],
  ],
  [
    'RFC 9112 7.1 chunk data without its end',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n',
    ['head', 'body', 'error bad-response'],
  ],
  ['RFC 9110 15.2 seventeen interim responses', 'HTTP/1.1 103 H\r\n\r\n'.repeat(17), ['error bad-response']],
  ['a head that never ends', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`, ['error bad-response']],
]
for (const [row, bytes, events] of bad) {
  t.test(`send() takes no bad response: ${row}`, async t => {
    const origin = await saying(t, bytes)
    const noted = await sent(origin)
    t.strictSame(noted.events, events)
    t.match(noted.error, { status: 502, source: 'origin' })
    t.equal(origin.active, 0)
  })
}
