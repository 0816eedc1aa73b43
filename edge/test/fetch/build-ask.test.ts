// What an origin is asked: an ordinary request is put together from what is known, and must be the one that is put together
// of its fields.
import t from 'tap'
import type { Exchange } from '../../exchange.js'
import { buildAsk, type Wanted } from '../../fetch/build-ask.js'
import { outgoingOf } from '../../fetch/outgoing.js'
import { uploadOf } from '../support/answers.js'
import { exchangeOf, siteOf } from '../support/exchange.js'

const whole: Wanted = { kind: 'whole', conditions: [] }
const asAsked: Wanted = { kind: 'asAsked' }
const said = ['user-agent', 'u', 'accept', '*/*', 'cookie', 'a=b', 'empty', '']

/** As the engine has it: names in lower case. */
const linesOf = (fields: readonly string[]) =>
  fields.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
const ordinary = (fields: readonly string[], more: Partial<Exchange> = {}) =>
  exchangeOf({ fields: [...fields], ordinaryLines: () => linesOf(fields), ...more })
const headOf = (x: Exchange, wanted: Wanted): string | undefined => {
  const outgoing = outgoingOf(buildAsk(x, wanted, 'naij'), false)
  return outgoing && outgoing.head + (outgoing.lines ?? '') + (outgoing.rest ?? '')
}

const settings: Record<string, unknown>[] = [
  {},
  { originHost: 'inner.example' },
  { originPath: '/base' },
  { forwardedFor: 'append' },
  { cache: { dropFields: ['x-a', 'x-b'] } },
]

t.test('an ordinary request is what it is when it is put together of its fields', async t => {
  for (const more of settings) {
    const site = siteOf(more)
    for (const given of [
      {},
      { method: 'HEAD' },
      { target: '/p?q=\xe9', scheme: 'https' as const },
      { authority: 'b.example:8080', clientAddress: '2001:db8::1' },
      { clientAddress: '' },
    ]) {
      for (const fields of [[], said, said.slice(0, 2)]) {
        for (const wanted of [whole, asAsked]) {
          const known = ordinary(fields, { site, ...given })
          t.ok(buildAsk(known, wanted, 'naij').ordinary)
          const read = exchangeOf({ site, fields: [...fields], ...given })
          t.equal(headOf(known, wanted), headOf(read, wanted), JSON.stringify({ more, given, fields }))
        }
      }
    }
  }
})

t.test('what more is to be said than what the client said is put together of fields', async t => {
  const site = siteOf()
  const rows: [row: string, x: Exchange, wanted: Wanted, line: RegExp][] = [
    [
      'conditions of ours',
      ordinary(said, { site }),
      { ...whole, conditions: ['If-None-Match', '"e"'] },
      /\r\nIf-None-Match: "e"\r\n/,
    ],
    [
      'a range',
      ordinary(said, { site }),
      { ...whole, range: { first: 0, last: 9 } },
      /\r\nRange: bytes=0-9\r\n/,
    ],
    ['a host that is no line', ordinary(said, { site, authority: 'a\x7f' }), whole, /^$/],
    [
      'a field that is kept back',
      ordinary(said, { site: siteOf({ cache: { dropFields: ['accept'] } }) }),
      whole,
      /\r\nuser-agent: u\r\ncookie: a=b\r\n/,
    ],
    [
      'no lines',
      exchangeOf({ site, fields: said, ordinaryLines: () => undefined }),
      whole,
      /\r\nuser-agent: u\r\n/,
    ],
  ]
  for (const [row, x, wanted, line] of rows) {
    t.equal(buildAsk(x, wanted, 'naij').ordinary, undefined, row)
    t.match(headOf(x, wanted) ?? '', line, row)
  }
  t.equal(
    buildAsk(ordinary(said, { site, upload: uploadOf(t) }), asAsked, 'naij').ordinary,
    undefined,
    'a body',
  )
  const handshake = buildAsk(ordinary(said, { site }), { kind: 'webSocket' }, 'naij')
  t.equal(handshake.ordinary, undefined)
  t.ok(handshake.handshake)
})

t.test('the address of a client is asked for when it is not known yet', async t => {
  const x = ordinary(said, { site: siteOf(), clientAddress: '' })
  t.match(headOf(x, whole), /\r\nX-Forwarded-For: 192\.0\.2\.1\r\n/)
  t.equal(x.clientAddress, '192.0.2.1')
})

t.test('what is no target, host or address ends in no request', async t => {
  const site = siteOf()
  for (const given of [
    { target: '/a b' },
    { target: '/\r\nX: y' },
    { method: 'GET\n' },
    { clientAddress: '1 2' },
  ])
    t.equal(headOf(ordinary(said, { site, ...given }), whole), undefined, JSON.stringify(given))
})
