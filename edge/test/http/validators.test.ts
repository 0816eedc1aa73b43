import t from 'tap'
import {
  type EntityTag,
  hasConditions,
  isNotModified,
  isStrongMatch,
  originConditions,
  parseEntityTags,
  preconditionFailed,
} from '../../http/validators.js'
import { hostileInputs } from './random.js'

const now = Date.UTC(2025, 0, 1)
const old = 'Sun, 06 Nov 1994 08:49:37 GMT'
const older = 'Sat, 05 Nov 1994 08:49:37 GMT'
const newer = 'Mon, 07 Nov 1994 08:49:37 GMT'

const strong = (opaque: string): EntityTag => ({ weak: false, opaque })
const weak = (opaque: string): EntityTag => ({ weak: true, opaque })

const tags: [section: string, value: string, expected: EntityTag[] | '*' | undefined][] = [
  ['8.8.3 strong', '"a"', [strong('a')]],
  ['8.8.3 weak', 'W/"a"', [weak('a')]],
  ['8.8.3 empty', '""', [strong('')]],
  ['8.8.3 no escapes', '"a\\", "b"', [strong('a\\'), strong('b')]],
  ['8.8.3 comma inside', '"a,b" ,W/"c"', [strong('a,b'), weak('c')]],
  ['8.8.3 obs-text', '"\xe9"', [strong('\xe9')]],
  ['5.6.1.2 empty members', ', "a",, "b",', [strong('a'), strong('b')]],
  ['13.1.2 star', ' * ', '*'],
  ['13.1.2 star in a list', '*, "a"', undefined],
  ['8.8.3 lower-case w', 'w/"a"', undefined],
  ['8.8.3 unquoted', 'a', undefined],
  ['8.8.3 space inside', '"a b"', undefined],
  ['8.8.3 not closed', '"a', undefined],
  ['8.8.3 no separator', '"a""b"', undefined],
  ['8.8.3 one bad spoils all', '"a", b', undefined],
  ['8.8.3 nothing', '', undefined],
  ['8.8.3 only commas', ' , ', undefined],
]
for (const [section, value, expected] of tags) {
  t.test(`parseEntityTags() RFC 9110 ${section}`, async t => t.strictSame(parseEntityTags(value), expected))
}

const notModified: [
  section: string,
  expected: boolean,
  request: string[],
  etag: string,
  lastModified: string,
][] = [
  ['13.1.2 match', true, ['If-None-Match', '"a"'], '"a"', ''],
  ['13.1.2 in a list', true, ['If-None-Match', '"x", "a"'], '"a"', ''],
  ['13.1.2 on another line', true, ['If-None-Match', '"x"', 'if-none-match', '"a"'], '"a"', ''],
  ['13.1.2 weak comparison', true, ['If-None-Match', 'W/"a"'], '"a"', ''],
  ['13.1.2 weak comparison', true, ['If-None-Match', '"a"'], 'W/"a"', ''],
  ['13.1.2 star', true, ['If-None-Match', '*'], '', ''],
  ['13.1.2 other', false, ['If-None-Match', '"b"'], '"a"', ''],
  ['13.1.2 malformed', false, ['If-None-Match', 'a'], 'a', ''],
  ['13.1.2 empty', false, ['If-None-Match', ''], '"a"', ''],
  ['13.1.2 nothing stored', false, ['If-None-Match', '"a"'], '', ''],
  [
    '13.1.3 ignored beside If-None-Match',
    false,
    ['If-None-Match', '"b"', 'If-Modified-Since', old],
    '"a"',
    old,
  ],
  [
    '13.1.3 ignored beside a malformed one',
    false,
    ['If-None-Match', 'b', 'If-Modified-Since', old],
    '"a"',
    old,
  ],
  ['13.1.3 same date', true, ['If-Modified-Since', old], '', old],
  ['13.1.3 later date', true, ['If-Modified-Since', newer], '', old],
  ['13.1.3 earlier date', false, ['If-Modified-Since', older], '', old],
  ['13.1.3 other form', true, ['If-Modified-Since', 'Sun Nov  6 08:49:37 1994'], '', old],
  ['13.1.3 invalid date', false, ['If-Modified-Since', 'x'], '', 'x'],
  ['13.1.3 two lines', false, ['If-Modified-Since', old, 'If-Modified-Since', old], '', old],
  ['13.1.3 nothing stored', false, ['If-Modified-Since', old], '', ''],
  ['13.2.2 no condition', false, ['Accept', '*'], '"a"', old],
]
for (const [section, expected, requestFields, etag, lastModified] of notModified) {
  t.test(`isNotModified() RFC 9110 ${section}: ${expected}`, async t => {
    t.equal(isNotModified({ requestFields, etag, lastModified, now }), expected)
  })
}

t.test('isNotModified() RFC 9111 4.3.2 compares Date when there is no Last-Modified', async t => {
  const input = { requestFields: ['If-Modified-Since', old], etag: '', lastModified: '', now }
  t.equal(isNotModified({ ...input, dateMs: Date.parse(old) }), true)
  t.equal(isNotModified({ ...input, dateMs: Date.parse(newer) }), false)
  t.equal(isNotModified({ ...input, lastModified: newer, dateMs: Date.parse(old) }), false)
})

const failed: [section: string, expected: boolean, request: string[], etag: string, lastModified: string][] =
  [
    ['13.1.1 match', false, ['If-Match', '"b", "a"'], '"a"', ''],
    ['13.1.1 star', false, ['If-Match', '*'], '', ''],
    ['13.1.1 other', true, ['If-Match', '"b"'], '"a"', ''],
    ['13.1.1 strong comparison', true, ['If-Match', 'W/"a"'], 'W/"a"', ''],
    ['13.1.1 strong comparison', true, ['If-Match', '"a"'], 'W/"a"', ''],
    ['13.1.1 malformed', true, ['If-Match', 'a'], '"a"', ''],
    ['13.1.4 ignored beside If-Match', false, ['If-Match', '"a"', 'If-Unmodified-Since', older], '"a"', old],
    ['13.1.4 unmodified', false, ['If-Unmodified-Since', old], '', old],
    ['13.1.4 modified', true, ['If-Unmodified-Since', older], '', old],
    ['13.1.4 invalid date', false, ['If-Unmodified-Since', 'x'], '', old],
    ['13.1.4 nothing stored', false, ['If-Unmodified-Since', old], '', ''],
    ['13.2.2 no condition', false, ['If-None-Match', '"a"'], '"a"', ''],
  ]
for (const [section, expected, requestFields, etag, lastModified] of failed) {
  t.test(`preconditionFailed() RFC 9110 ${section}: ${expected}`, async t => {
    t.equal(preconditionFailed({ requestFields, etag, lastModified, now }), expected)
  })
}

t.test('hasConditions() sees the four of them in any case, and not If-Range (RFC 9110 13.1)', async t => {
  for (const name of ['If-Match', 'IF-NONE-MATCH', 'if-modified-since', 'If-Unmodified-Since']) {
    t.equal(hasConditions(['Accept', '*', name, 'x']), true, name)
  }
  for (const name of ['If-Range', 'If', 'If-Matches', 'Imagine'])
    t.equal(hasConditions([name, 'x']), false, name)
})

t.test('originConditions() sends the best validator there is (RFC 9111 4.3.1)', async t => {
  t.strictSame(originConditions({ etag: 'W/"a"', lastModified: old }), ['If-None-Match', 'W/"a"'])
  t.strictSame(originConditions({ etag: '', lastModified: old }), ['If-Modified-Since', old])
  t.strictSame(originConditions({ etag: '', lastModified: '' }), [])
})

t.test('parseEntityTags(), isNotModified(), preconditionFailed() take any bytes', async t => {
  for (const input of hostileInputs(['W/"a", "b,c"', '*', old], 4000)) {
    const parsed = parseEntityTags(input)
    if (Array.isArray(parsed) && parsed.length === 0) t.fail(JSON.stringify(input))
    for (const name of ['If-None-Match', 'If-Modified-Since', 'If-Match', 'If-Unmodified-Since']) {
      const given = { requestFields: [name, input], etag: input, lastModified: input, now }
      isNotModified(given)
      preconditionFailed(given)
    }
  }
})

t.test('parseEntityTags() does not slow down on long hostile values', async t => {
  const startMs = performance.now()
  parseEntityTags(`${' ,'.repeat(8000)}"`)
  parseEntityTags(`"${'a'.repeat(16_000)}`)
  parseEntityTags(`${'"a",'.repeat(4000)}x`)
  t.ok(performance.now() - startMs < 10_000)
})

const comparisons: [section: string, one: string, other: string, expected: boolean][] = [
  ['same', '"a"', '"a"', true],
  ['different', '"a"', '"b"', false],
  ['one weak', 'W/"a"', '"a"', false],
  ['other weak', '"a"', 'W/"a"', false],
  ['both weak', 'W/"a"', 'W/"a"', false],
  ['none', '', '', false],
  ['a list', '"a", "b"', '"a"', false],
  ['any', '*', '"a"', false],
]
for (const [section, one, other, expected] of comparisons) {
  t.test(`isStrongMatch() RFC 9110 8.8.3.2 ${section}`, async t =>
    t.equal(isStrongMatch(one, other), expected),
  )
}
