import t from 'tap'
import { originAt, saying, sent, uploadOf } from '../support/answers.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'

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
