import t from 'tap'
import { normalise } from '../../accept/normalise.js'
import { type Exchange, Mark } from '../../exchange.js'
import { refusals } from '../../respond/refuse.js'
import { exchangeOf } from '../support/exchange.js'

const limits = { targetBytesMax: 100, bodyBytesMax: 1_000 }

const cases: [row: string, x: Partial<Exchange>, code: keyof typeof refusals | undefined][] = [
  ['RFC 9110 9.1 GET', {}, undefined],
  ['RFC 9110 9.1 HEAD', { method: 'HEAD' }, undefined],
  ['RFC 9110 9.1 an unknown method', { method: 'PURGE' }, undefined],
  ['RFC 9110 9.1 methods are case-sensitive tokens', { method: 'get' }, undefined],
  ['RFC 9110 9.1 no token', { method: 'G(T' }, 'method'],
  ['RFC 9110 9.1 empty', { method: '' }, 'method'],
  ['RFC 9110 9.3.6 CONNECT', { method: 'CONNECT' }, 'methodNotAllowed'],
  ['RFC 9110 9.3.8 TRACE', { method: 'TRACE' }, 'methodNotAllowed'],
  ['RFC 9112 3.2 no Host', { hostLines: 0 }, 'host'],
  ['RFC 9112 3.2 two Hosts', { hostLines: 2 }, 'host'],
  ['RFC 9112 6.3 a body within the limit', { fields: ['content-length', '1000'] }, undefined],
  ['RFC 9110 15.5.14 a body above it', { fields: ['content-length', '1001'] }, 'bodyTooLarge'],
  ['RFC 9112 7.1 chunked', { fields: ['transfer-encoding', 'chunked'] }, undefined],
  [
    'RFC 9112 6.3 chunked, where a length is required',
    { fields: ['transfer-encoding', 'chunked'], marks: Mark.lengthRequired },
    'lengthRequired',
  ],
  [
    'RFC 9112 6.3 a length, where one is required',
    { fields: ['content-length', '5'], marks: Mark.lengthRequired },
    undefined,
  ],
  ['RFC 9112 6.3 two lengths', { fields: ['content-length', '5', 'content-length', '6'] }, 'framing'],
  ['RFC 9112 6.3 no number', { fields: ['content-length', '+5'] }, 'framing'],
  ['RFC 9112 6.3 empty', { fields: ['content-length', ''] }, 'framing'],
  ['RFC 9112 6.1 both', { fields: ['content-length', '5', 'transfer-encoding', 'chunked'] }, 'framing'],
  ['RFC 9112 6.1 another coding', { fields: ['transfer-encoding', 'gzip, chunked'] }, 'framing'],
  [
    'RFC 9112 6.1 hidden behind an empty line',
    { fields: ['transfer-encoding', '', 'transfer-encoding', 'chunked'] },
    'framing',
  ],
  ['RFC 9110 10.1.1 an unknown expectation', { marks: Mark.expectUnknown }, 'expectation'],
  ['RFC 9112 3 a target of the greatest length', { target: `/${'a'.repeat(99)}` }, undefined],
  ['RFC 9112 3 a longer one', { target: `/${'a'.repeat(100)}` }, 'targetTooLong'],
  ['RFC 9112 3.2 no origin-form', { target: '*' }, 'target'],
  ['RFC 9112 3.2 a fragment', { target: '/a#b' }, 'target'],
  ['RFC 9112 3.2 no visible ASCII', { target: '/ü' }, 'target'],
]
for (const [row, given, code] of cases) {
  t.test(`normalise() ${row}: ${code ?? 'taken'}`, async t => {
    t.equal(normalise(exchangeOf(given), limits), code === undefined ? undefined : refusals[code])
  })
}

t.test('normalise() leaves in the exchange what is keyed and sent (RFC 3986 6.2.2)', async t => {
  const x = exchangeOf({ target: '/a/../%7euser/%2f?q=%c3' })
  t.equal(normalise(x, limits), undefined)
  t.equal(x.target, '/~user/%2F?q=%C3')
})

t.test('normalise() says where the body ends (RFC 9112 6.3)', async t => {
  const cases: [string[], Exchange['body']][] = [
    [[], { kind: 'none' }],
    [['content-length', '7'], { kind: 'length', length: 7 }],
    [['transfer-encoding', 'Chunked'], { kind: 'chunked' }],
  ]
  for (const [fields, body] of cases) {
    const x = { ...exchangeOf({ fields }), body: { kind: 'none' } as const }
    t.equal(normalise(x, limits), undefined)
    t.strictSame(x.body, body)
  }
})
