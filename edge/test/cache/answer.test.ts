import t from 'tap'
import {
  type Answer,
  type AnsweredRequest,
  describe,
  isAboutStored,
  promisedBytes,
  weigh,
} from '../../cache/answer.js'
import { EntryFlag } from '../../cache/entry.js'
import { cacheRules } from '../../cache/rules.js'
import { siteConfig } from '../support/exchange.js'

const receivedMs = Date.parse('2024-05-01T12:00:10Z')
const date = ['Date', 'Wed, 01 May 2024 12:00:00 GMT']
const policy = siteConfig().cache

function weighed(fields: string[], request: Partial<AnsweredRequest> = {}): Answer {
  const asked = {
    scheme: 'http',
    method: 'GET',
    target: '/',
    fields: [],
    sentMs: receivedMs,
    ...request,
  } as const
  return weigh(200, fields, asked, receivedMs, cacheRules(policy))
}

const cases: [row: string, fields: string[], expected: object][] = [
  [
    'RFC 9111 4.2.1 max-age',
    ['Cache-Control', 'max-age=60'],
    { freshness: { basis: 'max-age', lifetimeMs: 60_000 }, ageMs: 0, verdict: { store: true } },
  ],
  [
    'RFC 9111 4.2.1 s-maxage goes before max-age',
    ['Cache-Control', 'max-age=60', 'Cache-Control', 's-maxage=5'],
    { freshness: { basis: 's-maxage', lifetimeMs: 5_000 }, verdict: { store: true, mustRevalidate: true } },
  ],
  [
    'RFC 9111 4.2.2 a tenth of the time since Last-Modified',
    [...date, 'Last-Modified', 'Wed, 01 May 2024 11:58:20 GMT'],
    { freshness: { basis: 'heuristic', lifetimeMs: 10_000 }, ageMs: 10_000, verdict: { store: true } },
  ],
  [
    'RFC 9111 4.2.3 Age of a cache behind us',
    ['Cache-Control', 'max-age=60', 'Age', '30'],
    { ageMs: 30_000 },
  ],
  ['RFC 9111 4.2.3 apparent age', [...date, 'Cache-Control', 'max-age=60'], { ageMs: 10_000 }],
  [
    'RFC 9111 5.2.2.5 no-store',
    ['Cache-Control', 'no-store'],
    { verdict: { store: false, reason: 'no-store' } },
  ],
  [
    'RFC 9111 5.2.2.7 private',
    ['Cache-Control', 'private'],
    { verdict: { store: false, reason: 'private' } },
  ],
  [
    'Set-Cookie as the site has it',
    ['Cache-Control', 'max-age=60', 'Set-Cookie', 'a=b'],
    { verdict: { store: false, reason: 'set-cookie' } },
  ],
]
for (const [row, fields, expected] of cases) {
  t.test(`weigh() ${row}`, async t => t.match(weighed(fields), expected))
}

t.test('weigh() counts the time the answer took into its age (RFC 9111 4.2.3)', async t => {
  t.equal(weighed(['Age', '5'], { sentMs: receivedMs - 2_000 }).ageMs, 7_000)
})

t.test('weigh() looks at the request too (RFC 9111 3, 3.5)', async t => {
  const fields = ['Cache-Control', 'max-age=60']
  t.match(weighed(fields, { method: 'POST' }).verdict, { reason: 'method' })
  t.match(weighed(fields, { fields: ['authorization', 'x'] }).verdict, { reason: 'authorization' })
})

const posts: [row: string, authority: string | undefined, contentLocation: string, expected: boolean][] = [
  ['its own URL', 'shop.example', 'http://shop.example/', true],
  ['its own URL, relative', 'shop.example', '.', true],
  ['another path', 'shop.example', '/b', false],
  ['another host', 'shop.example', 'http://other.example/', false],
  ['a host that nobody said', undefined, '/', false],
]
for (const [row, authority, contentLocation, expected] of posts) {
  t.test(`weigh() RFC 9110 9.3.3 a POST whose Content-Location is ${row}`, async t => {
    const fields = ['Cache-Control', 'max-age=60', 'Content-Location', contentLocation]
    t.equal(weighed(fields, { method: 'POST', authority }).verdict.store, expected)
  })
}

t.test('weigh() takes fractions of a millisecond for order only', async t => {
  const { ageMs, askedAtMs } = weighed(['Age', '5'], { sentMs: receivedMs - 1999.5 })
  t.strictSame({ ageMs, askedAtMs }, { ageMs: 7_000, askedAtMs: receivedMs - 1999.5 })
})

t.test('describe() gives birth and end of freshness as wall time', async t => {
  const answer = weighed([...date, 'Cache-Control', 'max-age=60', 'ETag', '"e"', 'Last-Modified', 'never'])
  t.match(describe(answer), {
    status: 200,
    flags: 0,
    bornAtMs: receivedMs - 10_000,
    freshUntilMs: receivedMs + 50_000,
    storedAtMs: receivedMs,
    etag: '"e"',
    lastModified: 'never',
    varyNames: [],
  })
})

const kept: [row: string, fields: string[], expected: object][] = [
  [
    'RFC 9111 3.1 no hop-by-hop fields',
    ['Connection', 'X', 'X', '1', 'Keep-Alive', '2', 'Y', '3'],
    { received: ['Y', '3'] },
  ],
  ['RFC 9112 6 no framing', ['Content-Length', '3', 'Y', '3'], { received: ['Y', '3'] }],
  [
    'RFC 9111 5.2.2.4 no-cache="x"',
    ['Cache-Control', 'max-age=1, no-cache="x"', 'X', '1'],
    { received: ['Cache-Control', 'max-age=1, no-cache="x"'], flags: 0 },
  ],
  ['RFC 9110 5.3 repeated lines stay apart', ['L', '1', 'L', '2'], { received: ['L', '1', 'L', '2'] }],
  ['RFC 9111 4.1 the names of Vary', ['Vary', 'B, a', 'Vary', 'b'], { varyNames: ['a', 'b'] }],
  [
    'RFC 9111 5.2.2.4 no-cache',
    ['Cache-Control', 'no-cache', 'ETag', '"e"'],
    { flags: EntryFlag.alwaysValidate },
  ],
  ['RFC 9111 5.2.2.2', ['Cache-Control', 'max-age=1, must-revalidate'], { flags: EntryFlag.mustRevalidate }],
  [
    'both flags',
    ['Cache-Control', 'no-cache, s-maxage=1', 'ETag', '"e"'],
    { flags: EntryFlag.alwaysValidate | EntryFlag.mustRevalidate },
  ],
  ['an answer that is not stored has no flags', ['Cache-Control', 'no-store, must-revalidate'], { flags: 0 }],
  ['RFC 9111 4.1 Vary: *', ['Vary', '*'], { varyNames: [] }],
]
for (const [row, fields, expected] of kept) {
  t.test(`describe() ${row}`, async t => {
    const description = describe(weighed(fields))
    for (const [name, value] of Object.entries(expected)) {
      t.strictSame(description[name as keyof typeof description], value, name)
    }
  })
}

t.test('promisedBytes() reads Content-Length', async t => {
  t.equal(promisedBytes(['content-length', '12']), 12)
  t.equal(promisedBytes(['Content-Length', 'x']), undefined)
  t.equal(promisedBytes([]), undefined)
})

const stored = { etag: '"e"', lastModified: 'Wed, 01 May 2024 11:00:00 GMT' }
const abouts: [
  row: string,
  stored: { etag: string; lastModified: string },
  from304: string[],
  expected: boolean,
][] = [
  ['nothing said', stored, [], true],
  ['the same tag', stored, ['ETag', '"e"'], true],
  ['RFC 9110 8.8.3.2 the same tag, weak', stored, ['etag', 'W/"e"'], true],
  ['another tag', stored, ['ETag', '"f"'], false],
  ['a tag where none was stored', { ...stored, etag: '' }, ['ETag', '"f"'], false],
  ['the tag goes before the date', stored, ['ETag', '"e"', 'Last-Modified', 'other'], true],
  ['the same date', stored, ['Last-Modified', stored.lastModified], true],
  ['another date', stored, ['Last-Modified', 'other'], false],
  ['a date where none was stored', { ...stored, lastModified: '' }, ['Last-Modified', 'x'], true],
]
for (const [row, kept, from304, expected] of abouts) {
  t.test(`isAboutStored() RFC 9111 4.3.4 ${row}`, async t => t.equal(isAboutStored(kept, from304), expected))
}
