// Plays of http-rules.md F 26 and 27: stale answers (RFC 9111 4.2.4, RFC 5861), and no-cache.
// 26 stale-while-revalidate: `rule 26: served at once, asked for behind`; failures: `rule 26: when the origin fails`
// 26 what forbids it: `rule 26: never with ...`; ceiling: `rule 26: the site's ceiling`; refresh: `rule 26: a refresh ...`
// 27: `rule 27: no-cache is stored and validated on each use`
import t, { type Test } from 'tap'
import { type Outcome, ruleStage } from '../../support/rules.js'
import { babbles, resets, type Said, says } from '../../support/saying.js'

const stage = await ruleStage(t)

/** Seconds after it was stored, and what comes of it. */
type Moment = [name: string, cacheControl: string, after: number, is: Outcome]

t.test('rule 26: served at once, asked for behind', async t => {
  const table: Moment[] = [
    ['RFC 5861 3 within the window', 'max-age=10, stale-while-revalidate=20', 11, 'stale'],
    ['RFC 5861 3 at its last second', 'max-age=10, stale-while-revalidate=20', 29, 'stale'],
    ['RFC 5861 3 past it', 'max-age=10, stale-while-revalidate=20', 30, 'validated'],
    ['RFC 5861 3 while fresh', 'max-age=10, stale-while-revalidate=20', 9, 'hit'],
    ['RFC 5861 3 quoted', 'max-age=10, stale-while-revalidate="20"', 11, 'stale'],
    ['RFC 5861 3 in capitals', 'max-age=10, Stale-While-Revalidate=20', 11, 'stale'],
    ['RFC 5861 3 no number', 'max-age=10, stale-while-revalidate', 11, 'validated'],
    ['RFC 5861 3 an invalid number', 'max-age=10, stale-while-revalidate=a', 11, 'validated'],
    ['RFC 5861 3 of max-age=0', 'max-age=0, stale-while-revalidate=20', 1, 'stale'],
    ['RFC 5861 3 of nothing', 'stale-while-revalidate=20', 1, 'stale'],
    [
      'RFC 9111 5.2.2.2 must-revalidate',
      'max-age=10, stale-while-revalidate=20, must-revalidate',
      11,
      'validated',
    ],
    [
      'RFC 9111 5.2.2.8 proxy-revalidate',
      'max-age=10, stale-while-revalidate=20, proxy-revalidate',
      11,
      'validated',
    ],
    ['RFC 9111 5.2.2.10 s-maxage', 's-maxage=10, stale-while-revalidate=20', 11, 'validated'],
    ['RFC 9111 5.2.2.4 no-cache', 'max-age=10, stale-while-revalidate=20, no-cache', 11, 'validated'],
  ]
  for (const [name, cacheControl, after, is] of table) {
    const said = says(200, [`Cache-Control: ${cacheControl}`, 'ETag: "a"'])
    await stage.play(t, name, [
      { says: said, is: 'miss' },
      { after, is },
    ])
  }
})

t.test('rule 26: a refresh obeys what it brings', async t => {
  const window = says(200, ['Cache-Control: max-age=10, stale-while-revalidate=20', 'ETag: "a"'])
  const after = (said: Said, is: Outcome, text: string) => [
    { says: window, is: 'miss' as const, has: { age: '' } },
    {
      after: 12,
      says: said,
      is: 'stale' as const,
      text: '1',
      has: { age: '12', 'cache-status': 'naij; hit; ttl=-2' },
    },
    { says: window, is, text },
  ]
  await stage.play(t, 'RFC 9111 4.3.3 a 200 takes its place', after(window, 'hit', '2'))
  await stage.play(t, 'RFC 9111 4.3.4 a 304 freshens it', after(says(304, 'ETag: "a"'), 'hit', '1'))
  await stage.play(
    t,
    'RFC 9111 5.2.2.5 no-store ends its use',
    after(says(200, 'Cache-Control: no-store'), 'miss', '3'),
  )
  await stage.play(
    t,
    'RFC 9111 5.2.2.7 private ends its use',
    after(says(200, 'Cache-Control: private'), 'miss', '3'),
  )
  await stage.play(
    t,
    'RFC 9111 4.3.3 a 404 with a lifetime takes its place',
    after(says(404, 'Cache-Control: max-age=60'), 'hit', '2'),
  )
  const part = says(200, ['Cache-Control: max-age=10', 'Content-Length: 9'], { body: 'hello', cutAt: 5 })
  await stage.play(t, 'RFC 5861 3 a refresh that breaks off is tried again later', [
    { says: window, is: 'miss' },
    { after: 12, says: part, is: 'stale', text: '1' },
    { after: 6, says: window, is: 'stale', text: '1' },
    { is: 'hit', text: '3' },
  ])
  await stage.play(t, 'RFC 5861 3 a refresh that failed is not tried again at once', [
    { says: window, is: 'miss' },
    { after: 12, says: resets, is: 'stale', text: '1' },
    { after: 20, is: 'fallback', text: '1' },
  ])
})

const failures: [name: string, said: Said, isDisconnected: boolean][] = [
  ['RFC 5861 4 500', says(500), false],
  ['RFC 5861 4 502', says(502), false],
  ['RFC 5861 4 503', says(503, 'Cache-Control: max-age=60'), false],
  ['RFC 5861 4 504', says(504), false],
  ['RFC 9111 4.2.4 a closed connection', resets, true],
  ['RFC 9111 4.2.4 no HTTP', babbles, true],
]

/** With the failure 15 seconds after it was stored for 10. */
async function failing(
  t: Test,
  stored: string,
  outcome: (isDisconnected: boolean) => Outcome | number,
  after = 15,
): Promise<void> {
  for (const [name, said, isDisconnected] of failures) {
    const is = outcome(isDisconnected)
    const come = typeof is === 'number' ? { status: isDisconnected ? is : said.status } : { is, text: '1' }
    await stage.play(t, `${name}: ${stored}`, [
      { says: says(200, [`Cache-Control: ${stored}`, 'ETag: "a"']), is: 'miss' },
      { after, says: said, ...come },
    ])
  }
}

t.test('rule 26: when the origin fails', async t => {
  await failing(t, 'max-age=10, stale-if-error=20', () => 'fallback')
  await failing(t, 'max-age=10, stale-if-error=20', () => 'fallback', 29)
  await failing(t, 'max-age=10, stale-if-error=20', isDisconnected => (isDisconnected ? 'fallback' : 502), 30)
  await failing(t, 'max-age=10', isDisconnected => (isDisconnected ? 'fallback' : 502))
  await failing(t, 'max-age=10, stale-if-error', isDisconnected => (isDisconnected ? 'fallback' : 502))
  for (const status of [400, 404, 410, 429, 501, 505]) {
    await stage.play(t, `RFC 5861 4 ${status} is an answer`, [
      { says: says(200, ['Cache-Control: max-age=10, stale-if-error=20', 'ETag: "a"']), is: 'miss' },
      { after: 15, says: says(status), is: 'validated', status, text: '2' },
    ])
  }
  await stage.play(t, 'RFC 9111 4.2.4 what it says', [
    { says: says(200, 'Cache-Control: max-age=10'), is: 'miss' },
    {
      after: 15,
      says: babbles,
      is: 'fallback',
      has: { age: '15', 'cache-status': 'naij; fwd=stale; ttl=-5; detail=bad-response' },
    },
    { says: says(200, 'Cache-Control: max-age=10'), is: 'miss' },
    { is: 'hit' },
  ])
  await stage.play(t, 'RFC 9110 9.3.2 HEAD too', [
    { says: says(200, 'Cache-Control: max-age=10'), is: 'miss' },
    { after: 15, method: 'HEAD', says: resets, is: 'fallback', status: 200 },
  ])
})

t.test('rule 26: an answer that breaks off is broken off, and what is stored stays', async t => {
  const part = says(200, ['Cache-Control: max-age=10', 'Content-Length: 9'], { body: 'hello', cutAt: 5 })
  await stage.play(t, 'RFC 9112 8 once a part of it is out', [
    { says: says(200, ['Cache-Control: max-age=10', 'ETag: "a"']), is: 'miss' },
    { after: 15, says: part, is: 'broken' },
    { says: resets, is: 'fallback', text: '1' },
  ])
})

t.test('rule 26: never with must-revalidate, proxy-revalidate, s-maxage, no-cache', async t => {
  await failing(t, 'max-age=10, stale-if-error=20, must-revalidate', () => 502)
  await failing(t, 'max-age=10, stale-if-error=20, proxy-revalidate', () => 502)
  await failing(t, 's-maxage=10, stale-if-error=20', () => 502)
  await failing(t, 'max-age=90, stale-if-error=20, no-cache', () => 502)
  await stage.play(t, 'RFC 9111 5.2.2.2 a complete answer of our own', [
    { says: says(200, 'Cache-Control: max-age=10, must-revalidate'), is: 'miss' },
    {
      after: 15,
      says: resets,
      status: 502,
      has: { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8', age: '' },
    },
  ])
})

t.test("rule 26: the site's ceiling", async t => {
  const day = says(200, ['Cache-Control: max-age=10', 'ETag: "a"'])
  await stage.play(t, 'RFC 9111 4.2.4 a day at most', [
    { says: day, is: 'miss' },
    { after: 86_409, says: resets, is: 'fallback' },
    { after: 1, says: resets, status: 502 },
  ])
  const none = await ruleStage(t, { cache: { staleMaxMs: 0 } })
  await none.play(t, 'staleMaxMs 0', [
    {
      says: says(200, [
        'Cache-Control: max-age=10, stale-if-error=60, stale-while-revalidate=60',
        'ETag: "a"',
      ]),
      is: 'miss',
    },
    { after: 11, is: 'validated' },
    { after: 11, says: resets, status: 502 },
  ])
})

t.test('rule 27: no-cache is stored and validated on each use', async t => {
  const always = says(200, ['Cache-Control: no-cache, max-age=60', 'ETag: "a"'])
  const same = says(304, 'ETag: "a"')
  await stage.play(t, 'RFC 9111 5.2.2.4', [
    { says: always, is: 'miss', has: { 'cache-status': 'naij; fwd=uri-miss; fwd-status=200; stored' } },
    { says: same, is: 'validated', text: '1', asked: { 'if-none-match': '"a"' } },
    { is: 'validated', text: '1' },
    { says: always, is: 'validated', text: '4' },
  ])
  await stage.play(t, 'RFC 9111 5.2.2.4 by Last-Modified', [
    { says: says(200, ['Cache-Control: no-cache', 'Last-Modified: {-1000}']), is: 'miss' },
    { says: says(304), is: 'validated', text: '1', has: { 'cache-control': 'no-cache' } },
  ])
})
