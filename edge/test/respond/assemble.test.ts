import t from 'tap'
import type { Freshness } from '../../http/freshness.js'
import {
  ageAndStatus,
  notModifiedTail,
  retypedBlock,
  storedBlock,
  streamedHead,
} from '../../respond/assemble.js'

const receivedMs = Date.UTC(2024, 4, 1, 12, 0, 30)
const forAMinute: Freshness = { basis: 'max-age', lifetimeMs: 60_000 }

function storedLines(fields: string[], freshness = forAMinute): string[] {
  return storedBlock(fields, freshness, 'naij', undefined, receivedMs).block.toString('latin1').split('\r\n')
}

function streamedLines(fields: string[], more: { ageMs?: number; freshness?: Freshness } = {}): string[] {
  const given = {
    status: 200,
    fields,
    freshness: forAMinute,
    ageMs: 0,
    receivedMs,
    identity: 'naij',
    ...more,
  }
  const { block, tail } = streamedHead({ ...given, cacheStatus: 'naij; fwd=uri-miss' })
  return `${Buffer.from(block).toString('latin1')}: ${tail}`.split('\r\n')
}

const cases: [row: string, fields: string[], expected: string[]][] = [
  ['RFC 9110 5.3 order and repeated lines', ['B', '1', 'A', '2', 'b', '3'], ['B: 1', 'A: 2', 'b: 3']],
  ['RFC 9110 6.6.1 no Date: the engine writes one', ['Date', 'x', 'A', '1'], ['A: 1']],
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
    'RFC 9111 5.3 nor beside one that nobody can read',
    [...expires, 'Cache-Control', 'max-age=x'],
    forAMinute,
    [],
  ],
  [
    'RFC 9111 5.2.2.10 s-maxage is for shared caches: Expires rules for others',
    [...expires, 'Date', 'Wed, 01 May 2024 12:00:20 GMT', 'Cache-Control', 's-maxage=5'],
    { basis: 's-maxage', lifetimeMs: 5_000 },
    ['Cache-Control: max-age=40'],
  ],
  [
    'RFC 9213 2.2 a targeted field rules here, Expires downstream',
    [...expires, 'Date', 'Wed, 01 May 2024 12:00:20 GMT', 'CDN-Cache-Control', 'max-age=5'],
    { basis: 'max-age', lifetimeMs: 5_000 },
    ['Cache-Control: max-age=40'],
  ],
  [
    'RFC 9110 6.6.1 without Date from the time of receipt',
    [...expires, 'Cache-Control', 'public'],
    { basis: 'policy', lifetimeMs: 5_000 },
    ['Cache-Control: max-age=30'],
  ],
  [
    'RFC 9111 5.3 an Expires in the past',
    [...expires, 'Date', 'Wed, 01 May 2024 12:02:00 GMT'],
    { basis: 'policy', lifetimeMs: 5_000 },
    ['Cache-Control: max-age=0'],
  ],
  [
    'RFC 9111 5.3 an invalid Expires, whatever rules here',
    ['Expires', '-1'],
    { basis: 'policy', lifetimeMs: 5_000 },
    ['Cache-Control: max-age=0'],
  ],
  [
    'RFC 9111 5.2.2.5 not beside no-store',
    ['Expires', '0', 'Cache-Control', 'no-store'],
    { basis: 'expires', lifetimeMs: 0 },
    [],
  ],
  [
    'RFC 9111 5.2.2.4 not beside no-cache',
    ['Expires', '0', 'Cache-Control', 'no-cache'],
    { basis: 'expires', lifetimeMs: 0 },
    [],
  ],
  [
    'RFC 9111 5.2.2.3 with must-understand no-store may mean nothing',
    [...expires, 'Cache-Control', 'must-understand, no-store'],
    { basis: 'expires', lifetimeMs: 9_000 },
    ['Cache-Control: max-age=9'],
  ],
  ['not without Expires', ['A', '1'], { basis: 'heuristic', lifetimeMs: 5_000 }, []],
]
for (const [row, fields, freshness, added] of maxAges) {
  t.test(`streamedHead() adds max-age: ${row}`, async t => {
    const all = fields.filter((_, i) => i % 2 === 0).map((name, i) => `${name}: ${fields[i * 2 + 1]}`)
    const own = all.filter(line => !line.startsWith('Date'))
    const lines = streamedLines(fields, { freshness }).slice(0, -2)
    t.strictSame(lines, [...own, ...added])
    const stored = storedLines(fields, freshness)
    t.strictSame(
      stored.filter(line => line.startsWith('Cache-Control: max-age')),
      lines.filter(line => line.startsWith('Cache-Control: max-age')),
    )
  })
}

t.test('retypedBlock() keeps what Expires says and has one Content-Type', async t => {
  const fields = ['Content-Type', 'text/plain', ...expires, 'Cache-Control', 'public']
  const lines = retypedBlock(fields, 'multipart/byteranges', 'naij', new Set(), receivedMs)
    .toString()
    .split('\r\n')
  t.ok(lines.includes('Cache-Control: max-age=30'))
  t.strictSame(
    lines.filter(line => line.startsWith('Content-Type')),
    ['Content-Type: multipart/byteranges'],
  )
})

t.test('storedBlock() without a time of receipt says nothing of an Expires that does not rule', async t => {
  t.notMatch(storedBlock(expires, forAMinute, 'naij').block.toString(), /max-age/)
})

t.test(
  'storedBlock(), streamedHead() send one line of what has one value, by which we judge (RFC 9110 5.3)',
  async t => {
    const twice = (name: string) => [name, 'a', name.toLowerCase(), 'b']
    const names = [
      'Content-Type',
      'ETag',
      'Last-Modified',
      'Expires',
      'Content-Location',
      'Location',
      'Retry-After',
    ]
    const fields = names.flatMap(twice)
    for (const lines of [storedLines(fields), streamedLines(fields)]) {
      for (const name of names) {
        const found = lines.filter(line => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
        t.strictSame(found, [`${name}: a`])
      }
    }
    const lists = ['Set-Cookie', 'Link', 'Vary', 'Access-Control-Allow-Origin'].flatMap(twice)
    t.equal(storedLines(lists).length, lists.length / 2 + 2, 'what is not of one value to us stays')
  },
)

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
  t.ok(streamedLines(['Age', '0'], { ageMs: 999 }).includes('Age: 0'), 'it came from a cache')
  const twice = streamedLines(['Age', '5', 'age', '7'], { ageMs: 6_000 })
  t.strictSame(
    twice.filter(line => line.toLowerCase().startsWith('age')),
    ['Age: 6'],
    'none but ours',
  )
  t.equal(storedLines(['Age', '5', 'age', '7']).join(), 'Via: 1.1 naij,Age')
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
    const { block, notModifiedBytes } = storedBlock(
      ['A', '1', 'Via', '1.1 far', 'Cache-Status', 'far; hit'],
      forAMinute,
      'naij',
    )
    t.equal(block.subarray(0, notModifiedBytes).toString(), 'Via: 1.1 far\r\nCache-Status: far; hit\r\nVia')
  },
)
