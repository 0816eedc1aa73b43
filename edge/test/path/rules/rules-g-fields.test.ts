// Plays of http-rules.md G 30: which fields a 304 changes (RFC 9111 3.2, 4.3.4). What else it means is
// rules-g-origin.test.ts's.
// 30 replaced, new and kept fields, the excepted ones, hop-by-hop: `rule 30: which fields a 304 changes`
import t from 'tap'
import { ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)

/** Stored, and to be validated from then on. */
const expired = (...lines: string[]) => says(200, ['Cache-Control: max-age=0', ...lines])

t.test('rule 30: which fields a 304 changes', async t => {
  /** The stored line, the line of the 304, the name to look at and what it must say then. */
  const table: [string, string, string, string, string][] = [
    [
      'RFC 9111 3.2 Cache-Control',
      'X: 1',
      'Cache-Control: max-age=60, public',
      'cache-control',
      'max-age=60, public',
    ],
    [
      'RFC 9111 3.2 Expires',
      'Expires: Mon, 06 Jul 2020 10:00:00 GMT',
      'Expires: Tue, 07 Jul 2020 10:00:00 GMT',
      'expires',
      'Tue, 07 Jul 2020 10:00:00 GMT',
    ],
    [
      'RFC 9111 3.2 Content-Type',
      'Content-Type: text/plain',
      'Content-Type: text/html',
      'content-type',
      'text/html',
    ],
    [
      'RFC 9111 3.2 Content-Language',
      'Content-Language: de',
      'Content-Language: en',
      'content-language',
      'en',
    ],
    [
      'RFC 9111 3.2 Content-Location',
      'Content-Location: /a',
      'Content-Location: /b',
      'content-location',
      '/b',
    ],
    [
      'RFC 9111 3.2 Last-Modified',
      'Last-Modified: Mon, 06 Jul 2020 10:00:00 GMT',
      'Last-Modified: Tue, 07 Jul 2020 10:00:00 GMT',
      'last-modified',
      'Tue, 07 Jul 2020 10:00:00 GMT',
    ],
    ['RFC 9111 3.2 a field nobody knows', 'X: 1', 'X: 2', 'x', '2'],
    ['RFC 9111 3.2 all its lines', 'X: 1, 2', 'X: 3', 'x', '3'],
    ['RFC 9111 3.2 a new field', 'Y: 1', 'X: 2', 'x', '2'],
    ['RFC 9111 3.2 a name in another case', 'X-Abc: 1', 'x-aBC: 2', 'x-abc', '2'],
    ['RFC 9111 3.2 what it does not bring stays', 'X: 1', 'Y: 2', 'x', '1'],
    ['RFC 9111 3.2 X-Content-Foo', 'X-Content-Foo: 1', 'X-Content-Foo: 2', 'x-content-foo', '2'],
    ['RFC 9111 3.2 Content-MD5', 'Content-MD5: a', 'Content-MD5: b', 'content-md5', 'b'],
    [
      'RFC 9111 3.2 Content-Security-Policy',
      'Content-Security-Policy: a',
      'Content-Security-Policy: b',
      'content-security-policy',
      'b',
    ],
    [
      'RFC 9111 3.2 X-Frame-Options',
      'X-Frame-Options: DENY',
      'X-Frame-Options: SAMEORIGIN',
      'x-frame-options',
      'SAMEORIGIN',
    ],
    ['RFC 9111 3.2 Clear-Site-Data', 'X: 1', 'Clear-Site-Data: "cookies"', 'clear-site-data', '"cookies"'],
    ['RFC 9111 3.2 not Content-Length', 'X: 1', 'Content-Length: 99', 'content-length', '1'],
    [
      'RFC 9111 3.2 not Content-Encoding',
      'Content-Encoding: gzip',
      'Content-Encoding: br',
      'content-encoding',
      'gzip',
    ],
    ['RFC 9111 3.2 not a new Content-Encoding', 'X: 1', 'Content-Encoding: br', 'content-encoding', ''],
    ['RFC 9111 3.2 not Content-Range', 'X: 1', 'Content-Range: bytes 0-1/2', 'content-range', ''],
    [
      'RFC 9110 7.6.1 not Connection: what it says is ours',
      'X: 1',
      'Connection: keep-alive',
      'connection',
      'close',
    ],
    ['RFC 9110 7.6.1 not Keep-Alive', 'X: 1', 'Keep-Alive: timeout=5', 'keep-alive', ''],
    ['RFC 9110 7.6.1 not Upgrade', 'X: 1', 'Upgrade: h2c', 'upgrade', ''],
    ['RFC 9111 3.1 not Proxy-Authenticate', 'X: 1', 'Proxy-Authenticate: Basic', 'proxy-authenticate', ''],
    [
      'RFC 9111 3.1 not Proxy-Authentication-Info',
      'X: 1',
      'Proxy-Authentication-Info: a',
      'proxy-authentication-info',
      '',
    ],
  ]
  for (const [name, stored, line, field, value] of table) {
    const has = { [field]: value }
    const fresh = /^Cache-Control/.test(line) ? [] : ['Cache-Control: max-age=60']
    await stage.play(t, name, [
      { says: expired('ETag: "a"', stored), is: 'miss' },
      { says: says(304, ['ETag: "a"', ...fresh, line]), is: 'validated', status: 200, text: '1', has },
      { is: 'hit', text: '1', has },
    ])
  }
  await stage.play(t, 'RFC 9110 7.6.1 not what its Connection names', [
    { says: expired('ETag: "a"', 'X: 1'), is: 'miss' },
    {
      says: says(304, ['Cache-Control: max-age=60', 'Connection: x', 'X: 2']),
      is: 'validated',
      has: { x: '1' },
    },
    { is: 'hit', has: { x: '1' } },
  ])
  await stage.play(t, 'RFC 9111 3.2 repeated lines', [
    { says: expired('ETag: "a"', 'X: 1', 'X: 2'), is: 'miss', has: { x: '1, 2' } },
    { says: says(304, ['Cache-Control: max-age=60', 'X: 3', 'X: 4']), is: 'validated', has: { x: '3, 4' } },
    { is: 'hit', has: { x: '3, 4' } },
  ])
})
