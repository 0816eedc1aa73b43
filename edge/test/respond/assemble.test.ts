import t from 'tap'
import type { Freshness } from '../../http/freshness.js'
import { ageAndStatus, notModifiedTail, storedBlock, streamedHead } from '../../respond/assemble.js'

const forAMinute: Freshness = { basis: 'max-age', lifetimeMs: 60_000 }

function storedLines(fields: string[], freshness = forAMinute): string[] {
  return storedBlock(fields, freshness, 'naij').block.toString('latin1').split('\r\n')
}

function streamedLines(fields: string[], more: { ageMs?: number; freshness?: Freshness } = {}): string[] {
  const given = { status: 200, fields, freshness: forAMinute, ageMs: 0, identity: 'naij', ...more }
  const { block, tail } = streamedHead({ ...given, cacheStatus: 'naij; fwd=uri-miss' })
  return `${Buffer.from(block).toString('latin1')}: ${tail}`.split('\r\n')
}

const cases: [row: string, fields: string[], expected: string[]][] = [
  ['RFC 9110 5.3 order and repeated lines', ['B', '1', 'A', '2', 'b', '3'], ['B: 1', 'A: 2', 'b: 3']],
  ['RFC 9110 6.6.1 no Date: the engine writes one', ['Date', 'x', 'A', '1'], ['A: 1']],
  ['RFC 9111 5.1 no Age but ours', ['age', '5', 'A', '1'], ['A: 1']],
  [
    'RFC 9110 7.6.1 no hop-by-hop fields',
    ['Connection', 'b', 'B', '1', 'Keep-Alive', 'x', 'A', '1'],
    ['A: 1'],
  ],
  ['RFC 9112 6 no framing', ['Content-Length', '3', 'Transfer-Encoding', 'chunked', 'A', '1'], ['A: 1']],
  ['bytes over 127 stay', ['A', '\xe9'], ['A: \xe9']],
  ['RFC 9110 5.5 an empty value', ['A', ''], ['A: ']],
]
for (const [row, fields, expected] of cases) {
  t.test(`storedBlock(), streamedHead() ${row}`, async t => {
    t.strictSame(storedLines(fields), ['Via: 1.1 naij', ...expected, 'Age'])
    t.strictSame(streamedLines(fields), [...expected, 'Via: 1.1 naij', 'Cache-Status: naij; fwd=uri-miss'])
  })
}

const expires = ['Expires', 'Wed, 01 May 2024 12:01:00 GMT']
const maxAges: [row: string, fields: string[], freshness: Freshness, added: string[]][] = [
  [
    'RFC 9111 5.3 beside an Expires that rules',
    expires,
    { basis: 'expires', lifetimeMs: 59_999 },
    ['Cache-Control: max-age=59'],
  ],
  [
    'RFC 9111 5.3 an invalid Expires',
    ['Expires', '0'],
    { basis: 'expires', lifetimeMs: 0 },
    ['Cache-Control: max-age=0'],
  ],
  ['RFC 9111 5.3 not beside a max-age', [...expires, 'Cache-Control', 'max-age=5'], forAMinute, []],
  [
    'not when s-maxage ruled',
    [...expires, 'Cache-Control', 's-maxage=5'],
    { basis: 's-maxage', lifetimeMs: 5_000 },
    [],
  ],
  ['not without Expires', ['A', '1'], { basis: 'heuristic', lifetimeMs: 5_000 }, []],
]
for (const [row, fields, freshness, added] of maxAges) {
  t.test(`streamedHead() adds max-age: ${row}`, async t => {
    const own = fields.filter((_, i) => i % 2 === 0).map((name, i) => `${name}: ${fields[i * 2 + 1]}`)
    const lines = streamedLines(fields, { freshness }).slice(0, -2)
    t.strictSame(lines, [...own, ...added])
    const stored = storedLines(fields, freshness)
    t.strictSame(
      stored.filter(line => line.startsWith('Cache-Control: max-age')),
      lines.filter(line => line.startsWith('Cache-Control: max-age')),
    )
  })
}

t.test('storedBlock() puts first what a 304 carries (RFC 9110 15.4.5)', async t => {
  const names = [
    'Cache-Control',
    'CDN-Cache-Control',
    'Content-Location',
    'ETag',
    'Expires',
    'Last-Modified',
    'Vary',
  ]
  const fields = names.flatMap(name => ['Content-Type', 't', name, 'v'])
  const { block, notModifiedBytes } = storedBlock(fields, forAMinute, 'naij')
  const first = block.subarray(0, notModifiedBytes).toString()
  const head = `${first}: ${notModifiedTail('naij', ageAndStatus(5_999, 'naij; hit'))}`
  t.strictSame(head.split('\r\n'), [
    ...names.map(name => `${name}: v`),
    'Via: 1.1 naij',
    'Age: 5',
    'Cache-Status: naij; hit',
  ])
  t.ok(block.toString().startsWith(`${first}: 1.1 naij\r\nContent-Type: t`), 'the whole goes on from there')
})

t.test('streamedHead() says how old the answer was when that is a second or more (RFC 9111 5.1)', async t => {
  t.notOk(streamedLines([], { ageMs: 999 }).some(line => line.startsWith('Age')))
  t.ok(streamedLines([], { ageMs: 1_000 }).includes('Age: 1'))
})

t.test(
  'streamedHead() keeps the Via and Cache-Status of those behind us before ours (RFC 9110 7.6.3, RFC 9211 2)',
  async t => {
    const lines = streamedLines(['Via', '1.1 far', 'Cache-Status', 'far; hit'])
    t.strictSame(lines, [
      'Via: 1.1 far',
      'Cache-Status: far; hit',
      'Via: 1.1 naij',
      'Cache-Status: naij; fwd=uri-miss',
    ])
  },
)
