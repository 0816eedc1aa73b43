// Plays of http-rules.md D 16 to 18: cookies, what of a response is stored (RFC 9111 3.1), and when nothing is.
// 16 Set-Cookie: `rule 16: ...`; 17 all fields, named fields, whole bodies: `rule 17: ...`; 18 nothing to go by: `rule 18: ...`
import t from 'tap'
import { type Row, rows, ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = 'Cache-Control: max-age=60'

const cookie = 'Set-Cookie: a=b'
const cookies: Row[] = [
  ['max-age alone', [minute, cookie], 0, 'miss'],
  ['Expires alone', ['Expires: {+60}', cookie], 0, 'miss'],
  ['public', ['Cache-Control: public, max-age=60', cookie], 59, 'hit'],
  ['s-maxage', ['Cache-Control: s-maxage=60', cookie], 59, 'hit'],
  ['a targeted field', ['CDN-Cache-Control: max-age=60', cookie], 59, 'hit'],
  ['a targeted field without a lifetime', ['CDN-Cache-Control: max-age=0', 'ETag: "a"', cookie], 0, 'miss'],
  [
    'RFC 9111 5.2.2.4 taken out by name',
    ['Cache-Control: max-age=60, no-cache="set-cookie"', cookie],
    59,
    'hit',
  ],
]

t.test('rule 16: Set-Cookie', async t => {
  await rows(t, stage, cookies)
  await stage.play(t, 'when it is stored, the field is kept', [
    {
      says: says(200, ['Cache-Control: public, max-age=60', cookie, 'Set-Cookie: c=d']),
      is: 'miss',
      has: { 'set-cookie': 'a=b, c=d' },
    },
    { is: 'hit', has: { 'set-cookie': 'a=b, c=d' } },
  ])
  await rows(t, await ruleStage(t, { cache: { storeSetCookie: true } }), [
    ['the site allows it', [minute, cookie], 59, 'hit'],
  ])
})

t.test('rule 17: what of a response is stored', async t => {
  const lines = [
    minute,
    'X-Two: 1',
    'X-Two: 2',
    'x-Case: MiXed',
    'X-Empty:',
    'Content-Language: de',
    'X-Space: a  b',
  ]
  const has = { 'x-two': '1, 2', 'x-case': 'MiXed', 'content-language': 'de', 'x-space': 'a  b' }
  await stage.play(t, 'RFC 9111 3.1 all end-to-end fields', [
    { says: says(200, lines), is: 'miss', has },
    { is: 'hit', has },
  ])
  const hop = [
    'Connection: x-hop, keep-alive',
    'X-Hop: 1',
    'Keep-Alive: timeout=5',
    'Proxy-Authenticate: Basic',
    'Trailer: X-T',
    'Upgrade: h2c',
  ]
  const gone = { 'x-hop': '', 'proxy-authenticate': '', trailer: '', upgrade: '', 'proxy-connection': '' }
  await stage.play(t, 'RFC 9110 7.6.1 no hop-by-hop field, none that Connection names', [
    { says: says(200, [minute, ...hop, 'Proxy-Connection: close']), is: 'miss', has: gone },
    { is: 'hit', has: gone },
  ])
  await stage.play(t, 'RFC 9110 7.6.1 what Connection may not strip', [
    { says: says(200, ['Cache-Control: no-store', 'Connection: cache-control, close']), is: 'miss' },
    { is: 'miss' },
  ])
  const named = 'Cache-Control: max-age=60, no-cache="X-A, x-b", private="x-c"'
  await stage.play(t, 'RFC 9111 5.2.2.4, 5.2.2.7 named fields are not reused', [
    {
      says: says(200, [named, 'X-A: 1', 'X-B: 1', 'X-C: 1', 'X-D: 1']),
      is: 'miss',
      has: { 'x-a': '1', 'x-c': '1', 'x-d': '1' },
    },
    { after: 59, is: 'hit', has: { 'x-a': '', 'x-b': '', 'x-c': '', 'x-d': '1' } },
  ])
  await stage.play(t, 'RFC 9111 5.2.2.4 a name without quotes', [
    { says: says(200, ['Cache-Control: max-age=60, no-cache=x-a', 'X-A: 1']), is: 'miss' },
    { is: 'hit', has: { 'x-a': '' } },
  ])
})

t.test('rule 17: only what is whole', async t => {
  await stage.play(t, 'RFC 9111 3 a body that breaks off', [
    { says: says(200, [minute, 'Content-Length: 9'], { body: 'hello', cutAt: 5 }), is: 'broken' },
    { says: says(200, minute), is: 'miss', text: '2' },
  ])
  await stage.play(t, 'RFC 9112 7 chunks that break off', [
    {
      says: says(200, [minute, 'Transfer-Encoding: chunked'], { body: '5\r\nhello\r\n', cutAt: 10 }),
      is: 'broken',
    },
    { says: says(200, minute), is: 'miss', text: '2' },
  ])
  await stage.play(t, 'RFC 9112 7 whole chunks, with a trailer', [
    {
      says: says(200, [minute, 'Transfer-Encoding: chunked', 'Trailer: X-T'], {
        body: '5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
      }),
      is: 'miss',
      text: 'hello',
    },
    { is: 'hit', text: 'hello', has: { 'content-length': '5', 'x-t': '', trailer: '' } },
  ])
  await stage.play(t, 'RFC 9112 6.3 a body that ends with its connection', [
    { says: says(200, [minute, 'Transfer-Encoding: identity'], { body: 'hello' }), status: 502 },
  ])
})

const bare: Row[] = [
  ['RFC 9111 3 nothing', [], 0, 'miss'],
  ['RFC 9111 3 an ETag', 'ETag: "a"', 0, 'validated'],
  ['RFC 9111 3 a Last-Modified that gives no lifetime', 'Last-Modified: {0}', 0, 'validated'],
  ['RFC 9111 3 max-age=0 without a validator', 'Cache-Control: max-age=0', 0, 'miss'],
  ['RFC 9111 3 no-cache without a validator', 'Cache-Control: no-cache', 0, 'miss'],
  ['RFC 9111 3 no-cache and max-age without a validator', 'Cache-Control: no-cache, max-age=60', 0, 'miss'],
  ['RFC 9111 3 max-age=0 with a validator', ['Cache-Control: max-age=0', 'ETag: "a"'], 0, 'validated'],
  ['RFC 9110 8.8.3 an empty ETag', 'ETag:', 0, 'miss'],
]

t.test('rule 18: neither freshness nor validator', t => rows(t, stage, bare))
