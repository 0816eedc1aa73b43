// Plays of http-rules.md G 28: conditions of clients (RFC 9110 13, RFC 9111 4.3.2), each on a hit and on a miss.
// 28 If-None-Match: `rule 28: If-None-Match ...`; If-Modified-Since, order: `rule 28: If-Modified-Since ...`
// 28 If-Match, If-Unmodified-Since: `rule 28: If-Match ...`; fields of a 304: `rule 28: what a 304 says`
// 28 HEAD: all rows on a hit are asked with HEAD too
import t, { type Test } from 'tap'
import { ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = 'Cache-Control: max-age=60'

/** Validators of the stored response, the request's lines, and the status that answers them. */
type Row = [name: string, stored: string[], fields: string[], status: number, todo?: string]

const tag = ['ETag: "a"']
const old = ['Last-Modified: {-1000}']

const tags: Row[] = [
  ['RFC 9110 13.1.2 the same', tag, ['If-None-Match: "a"'], 304],
  ['RFC 9110 13.1.2 another', tag, ['If-None-Match: "b"'], 200],
  ['RFC 9110 8.8.3.2 weakly the same', tag, ['If-None-Match: W/"a"'], 304],
  ['RFC 9110 8.8.3.2 both weak', ['ETag: W/"a"'], ['If-None-Match: W/"a"'], 304],
  ['RFC 9110 8.8.3.2 the stored one weak', ['ETag: W/"a"'], ['If-None-Match: "a"'], 304],
  ['RFC 9110 13.1.2 a list', tag, ['If-None-Match: "b", "a"'], 304],
  ['RFC 9110 13.1.2 a list without space', tag, ['If-None-Match: "b","a","c"'], 304],
  ['RFC 9110 13.1.2 a list of others', tag, ['If-None-Match: "b", "c"'], 200],
  ['RFC 9110 13.1.2 two lines', tag, ['If-None-Match: "b"', 'If-None-Match: "a"'], 304],
  ['RFC 9110 5.6.1 empty members', tag, ['If-None-Match: ,"a",,'], 304],
  ['RFC 9110 13.1.2 *', tag, ['If-None-Match: *'], 304],
  ['RFC 9110 13.1.2 * without a stored ETag', [], ['If-None-Match: *'], 304],
  ['RFC 9110 13.1.2 a tag without a stored ETag', [], ['If-None-Match: "a"'], 200],
  ['RFC 9110 8.8.3 without quotes', tag, ['If-None-Match: a'], 200],
  ['RFC 9110 8.8.3 an open quote', tag, ['If-None-Match: "a'], 200],
  ['RFC 9110 8.8.3 a small w', tag, ['If-None-Match: w/"a"'], 200],
  ['RFC 9110 8.8.3 the case counts', tag, ['If-None-Match: "A"'], 200],
  ['RFC 9110 8.8.3 a comma in it', ['ETag: "a,b"'], ['If-None-Match: "a,b"'], 304],
  ['RFC 9110 8.8.3 a comma in it, in a list', ['ETag: "a,b"'], ['If-None-Match: "x", "a,b"'], 304],
  ['RFC 9110 8.8.3 a comma between', ['ETag: "a,b"'], ['If-None-Match: "a", "b"'], 200],
  ['RFC 9110 8.8.3 nothing between the quotes', ['ETag: ""'], ['If-None-Match: ""'], 304],
  ['RFC 9110 8.8.3 a backslash is itself', ['ETag: "a\\b"'], ['If-None-Match: "a\\b"'], 304],
]

const dates: Row[] = [
  ['RFC 9110 13.1.3 the same', old, ['If-Modified-Since: {-1000}'], 304],
  ['RFC 9110 13.1.3 newer', old, ['If-Modified-Since: {-999}'], 304],
  ['RFC 9110 13.1.3 older', old, ['If-Modified-Since: {-1001}'], 200],
  ['RFC 9110 13.1.3 ahead', old, ['If-Modified-Since: {+1000}'], 304],
  ['RFC 9110 5.6.7 rfc850-date', old, ['If-Modified-Since: {850 -1000}'], 304],
  ['RFC 9110 5.6.7 asctime-date', old, ['If-Modified-Since: {asctime -1000}'], 304],
  ['RFC 9110 5.6.7 asctime-date, older', old, ['If-Modified-Since: {asctime -1001}'], 200],
  [
    'RFC 9110 5.6.7 stored as rfc850-date',
    ['Last-Modified: {850 -1000}'],
    ['If-Modified-Since: {-1000}'],
    304,
  ],
  ['RFC 9110 13.1.3 no date', old, ['If-Modified-Since: yesterday'], 200],
  ['RFC 9110 13.1.3 two lines', old, ['If-Modified-Since: {0}', 'If-Modified-Since: {0}'], 200],
  ['RFC 9111 4.3.2 without Last-Modified by Date', [], ['If-Modified-Since: {0}'], 304],
  ['RFC 9111 4.3.2 older than Date', [], ['If-Modified-Since: {-1}'], 200],
  [
    'RFC 9110 13.1.3 not beside If-None-Match',
    [...tag, ...old],
    ['If-None-Match: "b"', 'If-Modified-Since: {0}'],
    200,
  ],
  [
    'RFC 9110 13.1.3 nor the other way',
    [...tag, ...old],
    ['If-None-Match: "a"', 'If-Modified-Since: {-2000}'],
    304,
  ],
  [
    'RFC 9110 13.1.3 nor a malformed one',
    [...tag, ...old],
    ['If-None-Match: a', 'If-Modified-Since: {0}'],
    200,
  ],
]

const matches: Row[] = [
  ['RFC 9110 13.1.1 the same', tag, ['If-Match: "a"'], 200],
  ['RFC 9110 13.1.1 another', tag, ['If-Match: "b"'], 412],
  ['RFC 9110 13.1.1 a list', tag, ['If-Match: "b", "a"'], 200],
  ['RFC 9110 13.1.1 *', tag, ['If-Match: *'], 200],
  ['RFC 9110 8.8.3.2 weak is not enough', tag, ['If-Match: W/"a"'], 412],
  ['RFC 9110 8.8.3.2 nor a weak stored one', ['ETag: W/"a"'], ['If-Match: W/"a"'], 412],
  ['RFC 9110 13.1.4 not modified since', old, ['If-Unmodified-Since: {-1000}'], 200],
  ['RFC 9110 13.1.4 modified since', old, ['If-Unmodified-Since: {-1001}'], 412],
  ['RFC 9110 13.1.4 no date', old, ['If-Unmodified-Since: yesterday'], 200],
  [
    'RFC 9110 13.1.4 not beside If-Match',
    [...tag, ...old],
    ['If-Match: "a"', 'If-Unmodified-Since: {-2000}'],
    200,
  ],
  ['RFC 9110 13.2.2 first this, then If-None-Match', tag, ['If-Match: "a"', 'If-None-Match: "a"'], 304],
  ['RFC 9110 13.2.2 412 before 304', tag, ['If-Match: "b"', 'If-None-Match: "a"'], 412],
]

async function onHits(t: Test, table: readonly Row[]): Promise<void> {
  for (const [name, stored, fields, status, todo] of table) {
    await stage.play(
      t,
      name,
      [
        { says: says(200, [minute, ...stored]), is: 'miss', status: 200 },
        { fields, is: 'hit', status },
        { method: 'HEAD', fields, is: 'hit', status, text: '' },
      ],
      todo,
    )
  }
}

/** The origin is asked for the whole, to store it; the condition is answered here. */
async function onMisses(t: Test, table: readonly Row[]): Promise<void> {
  for (const [name, stored, fields, status, todo] of table) {
    await stage.play(
      t,
      `${name}, on a miss`,
      [
        {
          fields,
          says: says(200, [minute, ...stored]),
          is: 'miss',
          status,
          asked: { 'if-none-match': '', 'if-modified-since': '' },
        },
        { is: 'hit', status: 200, text: '1' },
      ],
      todo,
    )
  }
}

async function onValidations(t: Test, table: readonly Row[]): Promise<void> {
  for (const [name, stored, fields, status, todo] of table) {
    await stage.play(
      t,
      `${name}, after a 304`,
      [
        { says: says(200, ['Cache-Control: no-cache', 'ETag: "a"', ...stored]), is: 'miss' },
        {
          fields,
          says: says(304),
          is: 'validated',
          status,
          asked: { 'if-none-match': stored[0]?.slice(6) ?? '"a"' },
        },
      ],
      todo,
    )
  }
}

t.test('rule 28: If-None-Match', async t => {
  await onHits(t, tags)
  await onMisses(t, tags)
  await onValidations(
    t,
    tags
      .filter(([, stored]) => stored[0] === 'ETag: "a"' && stored.length === 1)
      .map(([name, , ...rest]) => [name, [], ...rest]),
  )
})

t.test('rule 28: If-Modified-Since, and If-None-Match before it', async t => {
  await onHits(t, dates)
  await onMisses(t, dates)
})

t.test('rule 28: If-Match and If-Unmodified-Since', async t => {
  await onHits(t, matches)
  await stage.play(t, 'RFC 9110 13.1.1 on a miss it is the origin’s to answer', [
    { fields: ['If-Match: "b"'], says: says(412), is: 'miss', status: 412, asked: { 'if-match': '"b"' } },
    { fields: ['If-Unmodified-Since: {0}'], says: says(200), is: 'miss', status: 200 },
  ])
})

t.test('rule 28: what a 304 says', async t => {
  const said = says(200, [
    minute,
    'ETag: "a"',
    'Expires: {+60}',
    'Vary: X',
    'Content-Location: /b',
    'Content-Type: text/plain',
    'X-Other: 1',
  ])
  const has = {
    'cache-control': 'max-age=60',
    etag: '"a"',
    vary: 'X',
    'content-location': '/b',
    'content-type': '',
    'content-length': '',
    'x-other': '',
  }
  const fields = ['If-None-Match: "a"']
  await stage.play(t, 'RFC 9110 15.4.5 what a 200 would have had of these', [
    {
      says: said,
      is: 'miss',
      has: { ...has, 'content-type': 'text/plain', 'content-length': '1', 'x-other': '1' },
    },
    { fields, is: 'hit', status: 304, text: '', has },
    { fields, method: 'HEAD', is: 'hit', status: 304, has },
  ])
  await stage.play(t, 'RFC 9110 13.2.1 not for what is no success', [
    { says: says(404, [minute, 'ETag: "a"']), is: 'miss', status: 404 },
    { fields, is: 'hit', status: 404 },
    { fields: ['If-Match: "b"'], is: 'hit', status: 404 },
  ])
  await stage.play(t, 'RFC 9110 13.2.1 nor for a redirection', [
    { says: says(301, [minute, 'ETag: "a"', 'Location: /b']), is: 'miss', status: 301 },
    { fields, is: 'hit', status: 301, has: { location: '/b' } },
  ])
})
