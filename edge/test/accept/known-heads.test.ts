// One contract: what known-heads.ts makes of a request of the engine is what read.ts makes of it.
import type { HttpRequest } from 'uWebSockets.js'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import type { PlainExchange } from '../../accept/plain-exchange.js'
import { identify } from '../../cache/identify.js'
import { type Exchange, Mark } from '../../exchange.js'
import { engine, get, heads, inOrder, plain, readBoth, skip } from '../support/both-readers.js'
import { NotingResponder } from '../support/exchange.js'

const seenOf = (x: Exchange) => ({
  ...x,
  // As own properties, whatever class it is of.
  fields: inOrder(x.fields),
  known: undefined,
  responder: undefined,
})

const known: [row: string, request: string, marks: number][] = [
  ['a GET', get('/'), 0],
  ['a HEAD', get('/').replace('GET', 'HEAD'), 0],
  ['a query', get('/a?b=c&d'), 0],
  ['an empty query', get('/a?'), 0],
  ['two question marks', get('/a?b?c'), 0],
  ['a target that is no path', get('/a/../b//c/%7e'), 0],
  ['no Accept-Encoding', get('/', 'Host: a.example\r\n'), 0],
  ['an empty one', get('/', 'Host: a.example\r\nAccept-Encoding:\r\n'), 0],
  ['another host', get('/', 'HOST: B.example:80\r\n'), 0],
  ['an empty host', get('/', 'Host:\r\n'), 0],
  ['keep-alive', get('/', `${plain}Connection: keep-alive\r\n`), 0],
  ['Range', get('/', `${plain}Range: bytes=0-1\r\n`), Mark.range],
  ['If-Match', get('/', `${plain}If-Match: "a"\r\n`), Mark.precondition],
  ['If-Unmodified-Since', get('/', `${plain}If-Unmodified-Since: x\r\n`), Mark.precondition],
  ['If-None-Match', get('/', `${plain}IF-NONE-MATCH: "a"\r\n`), Mark.conditional],
  ['If-Modified-Since', get('/', `${plain}If-Modified-Since: x\r\n`), Mark.conditional],
  ['Cache-Control', get('/', `${plain}Cache-Control: no-cache\r\n`), Mark.cacheControl],
  ['Pragma', get('/', `${plain}Pragma: no-cache\r\n`), Mark.cacheControl],
  ['all of them', get('/', `${plain}Pragma: a\r\nRange: b\r\nIf-Match: c\r\nIf-None-Match: d\r\n`), 39],
  ['values beyond ASCII', get('/', `${plain}Cookie: \xc3\xa9\xff\r\n`), 0],
  [
    'names of the same lengths',
    get('/', `${plain}X-Ho: a\r\nX-Ran: b\r\nX-Matc: c\r\nX-Content-Len: d\r\n`),
    0,
  ],
]

const odd: [row: string, request: string][] = [
  ['another method', `OPTIONS / HTTP/1.1\r\n${plain}\r\n`],
  ['a method in lower case', `get / HTTP/1.1\r\n${plain}\r\n`],
  ['two lines of Accept-Encoding', get('/', `${plain}Accept-Encoding: zstd\r\n`)],
  ['Content-Length', get('/', `${plain}Content-Length: 0\r\n`)],
  ['Expect', get('/', `${plain}Expect: 200-ok\r\n`)],
  ['Connection: close', get('/', `${plain}Connection: x, close\r\n`)],
  ['Connection: Keep-Alive', get('/', `${plain}Connection: Keep-Alive\r\n`)],
  ['a target beyond ASCII', get('/\xc3\xa9')],
  ['a host beyond ASCII', get('/', 'Host: a\xc3\xa9.example\r\n')],
  ['a coding beyond ASCII', get('/', 'Host: a.example\r\nAccept-Encoding: a\xffb\r\n')],
  ['a long target', get(`/${'a'.repeat(192)}`)],
  ['a long host', get('/', `Host: ${'a'.repeat(129)}\r\n`)],
  ['a long Accept-Encoding', get('/', `Host: a\r\nAccept-Encoding: ${'a'.repeat(129)}\r\n`)],
]

t.test(
  'plain requests are read as by the engine, when they are new and when they are known',
  { skip },
  async t => {
    const requests = known.map(([, request]) => request)
    const all = await readBoth(t, [...requests, ...requests])
    for (const [at, both] of all.entries()) {
      const [row, , marks] = known[at % known.length]!
      t.ok(both.known, row)
      t.strictSame(seenOf(both.known!), seenOf(both.whole), row)
      t.equal(both.known!.marks, marks, row)
    }
  },
)

t.test('what is odd is left to the engine, again and again', { skip }, async t => {
  const requests = odd.map(([, request]) => request)
  const all = await readBoth(t, [...requests, ...requests])
  for (const [at, both] of all.entries()) t.equal(both.known, undefined, odd[at % odd.length]![0])
})

t.test('what an odd request brought is not taken for known afterwards', { skip }, async t => {
  const long = 'b'.repeat(129)
  const requests = [
    get('/new-1', `Host: new1.example\r\nAccept-Encoding: ${long}\r\n`),
    get('/new-1', 'Host: new1.example\r\nAccept-Encoding: new1\r\n'),
    get(`/${'c'.repeat(300)}`, 'Host: new2.example\r\nAccept-Encoding: new2\r\n'),
    get('/new-2', 'Host: new2.example\r\nAccept-Encoding: new2\r\n'),
    get('/new-3', `Host: ${long}\r\nAccept-Encoding: new3\r\n`),
    get('/new-3', 'Host: new3.example\r\nAccept-Encoding: new3\r\n'),
  ]
  const all = await readBoth(t, requests)
  for (const { known, whole } of all.filter((_, at) => at % 2 === 1))
    t.strictSame(seenOf(known!), seenOf(whole))
})

t.test('texts that share a slot are not mixed up', { skip }, async t => {
  // More than there are slots, in an order without pattern, some of them often.
  const numbers = Array.from({ length: 6_000 }, (_, at) => (at * 7_919) % (at % 3 === 0 ? 50 : 90_000))
  const requests = numbers.map(number =>
    get(`/${number}`, `Host: h${number % 700}.example\r\nAccept-Encoding: c${number % 300}\r\n`),
  )
  const all = await readBoth(t, requests)
  const known = all.filter(each => each.known !== undefined)
  t.ok(known.length > all.length / 4, `${known.length}`)
  const wrong = known.filter(
    ({ known, whole }) =>
      known!.target !== whole.target ||
      known!.hostField !== whole.hostField ||
      known!.acceptEncoding !== whole.acceptEncoding,
  )
  t.equal(wrong.length, 0)
})

t.test('the key of a known target is that of its site, whatever was asked before', { skip }, async t => {
  // A slot that is taken gives way to what comes twice.
  const [, first, second] = await readBoth(t, [get('/key'), get('/key'), get('/key')])
  const [a, b] = [first!.known!, second!.known!]
  t.equal(a.known, b.known)
  for (const [x, keyPrefix] of [
    [a, 'http one'],
    [b, 'http two'],
    [a, 'http one'],
  ] as const) {
    t.equal(identify(Object.assign(x, { keyPrefix })), `${keyPrefix}/key`)
  }
  b.target = '/key?governed'
  t.equal(identify(b), 'http two/key?governed')
})

t.test('fields are read before the engine has let go of them, or not at all', { skip }, async t => {
  const kept: PlainExchange[] = []
  const app = engine.App().any('/*', (response, request: HttpRequest) => {
    kept.push(heads!.read(request, new NotingResponder(), 5, 6, 'http')!)
    if (kept.length === 1) kept[0]!.keepFields()
    response.end('.')
  })
  const port = await new Promise<number>(resolve => {
    app.listen('127.0.0.1', 0, token => resolve(engine.us_socket_local_port(token as object)))
  })
  t.teardown(() => app.close())
  const socket = connect(port, '127.0.0.1')
  for (const count of [1, 2]) {
    socket.write(get('/'))
    while (kept.length < count) await once(socket, 'data')
  }
  socket.destroy()
  t.equal(kept[0]!.fields.length, 6)
  t.throws(() => kept[1]!.fields)
})
