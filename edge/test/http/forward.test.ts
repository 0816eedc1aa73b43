import t from 'tap'
import { type ForwardInput, isLastHop, loopCount, requestToOrigin } from '../../http/forward.js'
import { hostileInputs } from './random.js'

function forward(fields: string[], changes: Partial<ForwardInput> = {}): string[] {
  return requestToOrigin({
    fields,
    method: 'GET',
    host: 'origin.example',
    clientAddress: '192.0.2.1',
    scheme: 'https',
    originalHost: 'shop.example',
    cdnId: 'naij',
    forwardedFor: 'replace',
    conditions: [],
    dropConditions: false,
    dropRange: false,
    ...changes,
  })
}

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const host = ['Host', 'origin.example']
const forwarded = [
  'X-Forwarded-For',
  '192.0.2.1',
  'X-Forwarded-Proto',
  'https',
  'X-Forwarded-Host',
  'shop.example',
]
const own = ['Via', '1.1 naij', ...forwarded, 'CDN-Loop', 'naij']

const conditional = [
  'If-None-Match',
  '"a"',
  'If-Modified-Since',
  'x',
  'If-Match',
  '"b"',
  'If-Unmodified-Since',
  'y',
]
const ranged = ['Range', 'bytes=0-1', 'If-Range', '"a"']

const cases: [section: string, fields: string[], kept: string[], changes?: Partial<ForwardInput>][] = [
  [
    '9110 7.6 as they came',
    ['a', '1', 'A', '\xe9', 'Accept-Encoding', 'br'],
    ['a', '1', 'A', '\xe9', 'Accept-Encoding', 'br'],
  ],
  ['9110 7.2 Host is ours', ['Host', 'shop.example'], []],
  ['9110 7.6.1 hop-by-hop', ['Connection', 'x', 'X', '1', 'TE', 'trailers', 'Upgrade', 'h2c'], []],
  ['9112 6 framing', ['Content-Length', '5', 'Transfer-Encoding', 'chunked'], []],
  ['9110 10.1.1 Expect', ['Expect', '100-continue'], []],
  ['9110 13.1 conditions pass', conditional, conditional],
  ['9110 13.1 conditions dropped', conditional, [], { dropConditions: true }],
  [
    '9111 4.3.1 ours for theirs',
    conditional,
    ['If-None-Match', '"z"'],
    { conditions: ['If-None-Match', '"z"'] },
  ],
  ['9110 14.2 Range passes', ranged, ranged],
  ['9110 14.2 Range dropped', ranged, [], { dropRange: true }],
  ['7239 8 not believed', ['X-Forwarded-For', '1', 'X-Forwarded-Port', '2', 'Forwarded', 'for=3'], []],
  [
    'Trace Context: as it came',
    ['traceparent', `00-${trace}-00f067aa0ba902b7-01`, 'tracestate', 'a=b'],
    ['traceparent', `00-${trace}-00f067aa0ba902b7-01`, 'tracestate', 'a=b'],
  ],
  [
    'Trace Context 4.3: not what cannot be read',
    ['traceparent', '00-x', 'Tracestate', 'a=b', 'b', '2'],
    ['b', '2'],
  ],
  ['Trace Context: no state without a parent', ['tracestate', 'a=b'], []],
  ['9110 7.6.2 Max-Forwards', ['Max-Forwards', '5'], ['Max-Forwards', '4'], { method: 'OPTIONS' }],
  ['9110 7.6.2 Max-Forwards of TRACE', ['Max-Forwards', '5'], ['Max-Forwards', '4'], { method: 'TRACE' }],
  [
    '9110 7.6.2 beyond what we count',
    ['Max-Forwards', '99999999999999999999'],
    ['Max-Forwards', '2147483647'],
    { method: 'OPTIONS' },
  ],
  [
    '9110 7.6.2 Max-Forwards not below 0',
    ['Max-Forwards', '0'],
    ['Max-Forwards', '0'],
    { method: 'OPTIONS' },
  ],
  ['9110 7.6.2 no number', ['Max-Forwards', 'x'], ['Max-Forwards', 'x'], { method: 'OPTIONS' }],
  ['9110 7.6.2 other methods', ['Max-Forwards', '5'], ['Max-Forwards', '5']],
]
for (const [section, fields, kept, changes] of cases) {
  t.test(`requestToOrigin() RFC ${section}`, async t => {
    t.strictSame(forward(fields, changes), [...host, ...kept, ...own])
  })
}

t.test(
  'requestToOrigin() appends to Via and CDN-Loop, one line each (RFC 9110 7.6.3, RFC 8586 2)',
  async t => {
    const fields = ['Via', '1.0 a', 'Via', '1.1 b', 'CDN-Loop', 'c; x=y', 'Connection', 'cdn-loop, via']
    const sent = forward(fields)
    t.strictSame(sent, [...host, 'Via', '1.0 a, 1.1 b, 1.1 naij', ...forwarded, 'CDN-Loop', 'c; x=y, naij'])
    t.strictSame(forward(['CDN-Loop', '']).slice(-2), ['CDN-Loop', 'naij'])
  },
)

t.test(
  'requestToOrigin() appends the client behind a trusted proxy and keeps what that one says',
  async t => {
    const fields = ['X-Forwarded-For', '198.51.100.7', 'X-Forwarded-Proto', 'http', 'Forwarded', 'for=x']
    t.strictSame(forward(fields, { forwardedFor: 'append' }), [
      ...host,
      ...['X-Forwarded-Proto', 'http', 'Forwarded', 'for=x', 'Via', '1.1 naij'],
      ...[
        'X-Forwarded-For',
        '198.51.100.7, 192.0.2.1',
        'X-Forwarded-Host',
        'shop.example',
        'CDN-Loop',
        'naij',
      ],
    ])
  },
)

const hops: [row: string, method: string, values: string[], expected: boolean][] = [
  ['0', 'OPTIONS', ['0'], true],
  ['leading zeros', 'OPTIONS', ['00'], true],
  ['TRACE', 'TRACE', ['0'], true],
  ['one of several lines', 'OPTIONS', ['5', '0'], true],
  ['more', 'OPTIONS', ['1'], false],
  ['none', 'OPTIONS', [], false],
  ['no number', 'OPTIONS', ['', '-0', '0x0', '0, 5'], false],
  ['other methods', 'GET', ['0'], false],
]
for (const [row, method, values, expected] of hops) {
  t.test(`isLastHop() RFC 9110 7.6.2 ${row}`, async t => {
    const fields = values.flatMap(value => ['Max-Forwards', value])
    t.equal(isLastHop(method, fields), expected)
  })
}

const loops: [section: string, values: string[], expected: number][] = [
  ['none', [], 0],
  ['empty', [''], 0],
  ['others', ['a, b:80'], 0],
  ['one', ['naij'], 1],
  ['any case', ['NAIJ'], 1],
  ['several lines', ['naij, a', 'naij'], 2],
  ['parameters', ['naij; a=b, naij;c="d, naij"'], 2],
  ['part of a name', ['naij2, xnaij, naij:80'], 0],
  ['behind an open quote', ['a="x, naij, naij'], 2],
  ['behind an escaped quote', ['a="\\", naij'], 1],
]
for (const [section, values, expected] of loops) {
  t.test(`loopCount() RFC 8586 2 ${section}`, async t => {
    t.equal(
      loopCount(
        values.flatMap(value => ['CDN-Loop', value]),
        'naij',
      ),
      expected,
    )
  })
}

t.test('loopCount() rises with every pass whatever a client sent before (RFC 8586 2)', async t => {
  for (const input of hostileInputs(['a; b="c, d", naij', '"\\'], 3000)) {
    const before = loopCount(['CDN-Loop', input], 'naij')
    const sent = forward(['CDN-Loop', input, 'Connection', 'cdn-loop'])
    if (loopCount(sent, 'naij') <= before) t.fail(JSON.stringify(input))
  }
})

t.test('requestToOrigin() takes any bytes and never forwards framing', async t => {
  for (const input of hostileInputs(['content-length', 'Via', 'x-forwarded-for', 'Host'], 3000)) {
    const sent = forward([input, input, 'Connection', input, 'Content-Length', input])
    const names = sent.filter((_, i) => i % 2 === 0).map(name => name.toLowerCase())
    if (names.includes('content-length') || names.filter(name => name === 'host').length !== 1) {
      t.fail(JSON.stringify(input))
    }
  }
})
