// What is kept of a plain request when the engine's is gone: its lines where an origin may have them as they came.
import t from 'tap'
import { watchedNames } from '../../http/forward.js'
import { get, inOrder, readBoth, skip } from '../support/both-readers.js'

const lines: [row: string, lines: string, kept: string | undefined][] = [
  ['Host alone', 'Host: a.example\r\n', ''],
  [
    'names in lower case, values as they came',
    'User-Agent:  X  y \r\nHost: a.example\r\n',
    'user-agent: X  y\r\n',
  ],
  [
    'their order, and repeated ones',
    'B: 1\r\nHost: a.example\r\nA: 2\r\nB: 3\r\n',
    'b: 1\r\na: 2\r\nb: 3\r\n',
  ],
  ['without Connection', 'Host: a.example\r\nConnection: keep-alive\r\nA: 2\r\n', 'a: 2\r\n'],
  ['an empty value', 'Host: a.example\r\nAccept:\r\n', 'accept: \r\n'],
  [
    'what looks like a special one',
    'Host: a.example\r\nVia-Not: b\r\nTes: c\r\n',
    'via-not: b\r\ntes: c\r\n',
  ],
  ['bytes that are no ASCII', 'Host: a.example\r\nA: b\xe9c\r\n', undefined],
  ['a tab within', 'Host: a.example\r\nA: b\tc\r\n', undefined],
  ['too much', `Host: a.example\r\n${`A: ${'b'.repeat(1_000)}\r\n`.repeat(9)}`, undefined],
  ...[
    ...['TE', 'Via', 'Range', 'If-Range', 'If-Match', 'If-None-Match', 'If-Modified-Since', 'Trailer'],
    ...['Upgrade', 'CDN-Loop', 'Forwarded', 'Keep-Alive', 'Max-Forwards', 'Authorization', 'X-Host'],
    ...['X-Forwarded-For', 'X-Anything', 'Proxy-Connection', 'Proxy-Authorization', 'Traceparent'],
    ...['Tracestate', 'If-Unmodified-Since', 'Sec-WebSocket-Protocol', 'Proxy-Authentication-Info'],
  ].map((name): [string, string, undefined] => [
    name,
    `Host: a.example\r\nA: b\r\n${name}: c\r\n`,
    undefined,
  ]),
]

t.test('ordinaryLines(): what an origin may have as it came', { skip }, async t => {
  const all = await readBoth(
    t,
    lines.map(([, text]) => get('/', text)),
  )
  for (const [at, [row, , kept]] of lines.entries()) {
    const { known, whole } = all[at]!
    t.equal(known!.ordinaryLines(), kept, row)
    t.same(inOrder(known!.fields), inOrder(whole.fields), row)
  }
})

t.test('no field that may not go on as it came is ordinary', { skip }, async t => {
  // The engine refuses what says so of a body that is none; Host and Connection are no lines.
  const others = ['host', 'connection', 'transfer-encoding']
  const names = watchedNames.filter(name => !others.includes(name))
  const all = await readBoth(
    t,
    names.map(name => get('/', `Host: a.example\r\n${name}: 0\r\n`)),
  )
  for (const [at, name] of names.entries()) t.equal(all[at]!.known?.ordinaryLines(), undefined, name)
})
