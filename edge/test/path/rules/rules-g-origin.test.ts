// Plays of http-rules.md G 29 and 30: what the origin is asked about what is stored (RFC 9111 4.3.1), and what its
// answer changes (RFC 9111 3.2, 4.3.3, 4.3.4, 4.3.5).
// 29 our validators, not the client's, with what Vary names: `rule 29: ...`
// 30 lifetime, storability: `rule 30: the merged fields count`; fields: rules-g-fields.test.ts
// 30 unknown validator: `rule 30: a 304 about something else`; HEAD: `rule 30: HEAD`
import t from 'tap'
import { ruleStage, type Turn } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)

/** Stored, and to be validated from then on. */
const expired = (...lines: string[]) => says(200, ['Cache-Control: max-age=0', ...lines])

t.test('rule 29: the origin is asked about what is stored', async t => {
  const table: [string, string[], Record<string, string>][] = [
    ['RFC 9111 4.3.1 by ETag', ['ETag: "a"'], { 'if-none-match': '"a"', 'if-modified-since': '' }],
    ['RFC 9111 4.3.1 a weak one too', ['ETag: W/"a"'], { 'if-none-match': 'W/"a"' }],
    [
      'RFC 9111 4.3.1 else by Last-Modified',
      ['Last-Modified: Mon, 06 Jul 2020 10:00:00 GMT'],
      { 'if-none-match': '', 'if-modified-since': 'Mon, 06 Jul 2020 10:00:00 GMT' },
    ],
    [
      'RFC 9111 4.3.1 as it was written',
      ['Last-Modified: Monday, 06-Jul-20 10:00:00 GMT'],
      { 'if-modified-since': 'Monday, 06-Jul-20 10:00:00 GMT' },
    ],
  ]
  for (const [name, lines, asked] of table) {
    await stage.play(t, name, [
      { says: expired(...lines), is: 'miss' },
      { after: 1, is: 'validated', asked },
    ])
  }
  await stage.play(t, "RFC 9111 4.3.1 not with the client's own conditions", [
    { says: expired('ETag: "a"'), is: 'miss' },
    {
      fields: [
        'If-None-Match: "b"',
        'If-Modified-Since: {0}',
        'If-Match: "a"',
        'If-Unmodified-Since: {0}',
        'Range: bytes=0-0',
        'If-Range: "a"',
      ],
      is: 'validated',
      asked: {
        'if-none-match': '"a"',
        'if-modified-since': '',
        'if-match': '',
        'if-unmodified-since': '',
        range: '',
        'if-range': '',
      },
    },
  ])
  await stage.play(t, 'RFC 9111 4.3.1 with what Vary names', [
    { fields: ['X: 1'], says: expired('ETag: "a"', 'Vary: X'), is: 'miss' },
    { fields: ['X: 1'], is: 'validated', asked: { 'if-none-match': '"a"', x: '1' } },
    { fields: ['X: 2'], is: 'miss', asked: { 'if-none-match': '', x: '2' } },
  ])
  await stage.play(t, 'RFC 9111 4.3.1 on a miss with none', [
    {
      fields: ['If-None-Match: "b"', 'If-Modified-Since: {0}'],
      says: expired('ETag: "a"'),
      is: 'miss',
      status: 200,
      asked: { 'if-none-match': '', 'if-modified-since': '' },
    },
  ])
  await stage.play(t, 'RFC 9111 4.3.3 a 200 is the new response', [
    { says: expired('ETag: "a"', 'X: 1'), is: 'miss' },
    {
      says: says(200, ['Cache-Control: max-age=60', 'ETag: "b"']),
      is: 'validated',
      text: '2',
      has: { etag: '"b"', x: '' },
    },
    { is: 'hit', text: '2', has: { etag: '"b"', x: '' } },
  ])
})

t.test('rule 30: the merged fields count', async t => {
  const young = says(200, ['Cache-Control: max-age=10', 'ETag: "a"'])
  await stage.play(t, 'RFC 9111 4.3.4 without Cache-Control the stored one goes on', [
    { says: young, is: 'miss' },
    {
      after: 10,
      says: says(304),
      is: 'validated',
      text: '1',
      has: { age: '0', 'cache-control': 'max-age=10' },
    },
    { after: 9, is: 'hit', text: '1' },
    { after: 1, is: 'validated', text: '1' },
  ])
  await stage.play(t, 'RFC 9111 4.3.4 a new lifetime', [
    { says: young, is: 'miss' },
    { after: 10, says: says(304, 'Cache-Control: max-age=60'), is: 'validated' },
    { after: 59, is: 'hit' },
    { after: 1, is: 'validated' },
  ])
  await stage.play(t, 'RFC 9111 4.3.4 a new Expires from its own Date', [
    { says: says(200, ['Expires: {+10}', 'ETag: "a"']), is: 'miss' },
    { after: 10, says: says(304, 'Expires: {+60}'), is: 'validated', has: { 'cache-control': 'max-age=60' } },
    { after: 59, is: 'hit' },
  ])
  await stage.play(t, 'RFC 9111 4.2.3 its Age', [
    { says: young, is: 'miss' },
    { after: 10, says: says(304, 'Age: 5'), is: 'validated', has: { age: '5' } },
    { after: 5, is: 'validated' },
  ])
  for (const line of ['Cache-Control: no-store', 'Cache-Control: private', 'Vary: *']) {
    await stage.play(t, `RFC 9111 4.3.4 ${line} ends its use`, [
      { says: young, is: 'miss' },
      { after: 10, says: says(304, line), is: 'validated', status: 200, text: '1' },
      { says: young, is: 'miss', text: '3' },
    ])
  }
  await stage.play(t, 'RFC 9111 4.3.4 no-cache', [
    { says: young, is: 'miss' },
    { after: 10, says: says(304, 'Cache-Control: no-cache, max-age=60'), is: 'validated' },
    { is: 'validated', text: '1' },
  ])
  const shared = 'Cache-Control: max-age=10, stale-while-revalidate=60'
  const updated = (vary: string) => says(304, [`Vary: ${vary}`, 'Cache-Control: max-age=60'])
  const fields = ['X: 1', 'Y: 1']
  await stage.play(t, 'RFC 9111 4.1 a new Vary', [
    { fields, says: says(200, [shared, 'ETag: "a"']), is: 'miss' },
    { fields, after: 15, says: updated('X'), is: 'stale', text: '1' },
    { fields, is: 'hit', text: '1' },
    { fields: ['X: 2'], says: young, is: 'miss', text: '3' },
  ])
  await stage.play(t, 'RFC 9111 4.1 another Vary', [
    { fields, says: says(200, [shared, 'ETag: "a"', 'Vary: X']), is: 'miss' },
    { fields, after: 15, says: updated('X, Y'), is: 'stale', text: '1' },
    { fields, is: 'hit', text: '1' },
    { fields: ['X: 1', 'Y: 2'], says: young, is: 'miss', text: '3' },
  ])
  await stage.play(t, 'RFC 9111 4.1 Vary taken back', [
    { fields, says: says(200, ['Cache-Control: max-age=10', 'ETag: "a"', 'Vary: X']), is: 'miss' },
    { fields, after: 10, says: says(304, ['Vary:', 'Cache-Control: max-age=60']), is: 'validated' },
    { fields: ['X: 2'], is: 'hit', text: '1' },
  ])
})

t.test('rule 30: a 304 about something else', async t => {
  const whole = says(200, ['Cache-Control: max-age=60', 'ETag: "b"'])
  await stage.play(t, 'RFC 9111 4.3.4 another ETag: fetched again, unconditionally', [
    { says: expired('ETag: "a"'), is: 'miss' },
    {
      says: [says(304, 'ETag: "b"'), whole],
      status: 200,
      text: '3',
      asked: { 'if-none-match': '', 'if-modified-since': '' },
    },
    { is: 'hit', text: '3' },
  ])
  await stage.play(t, 'RFC 9111 4.3.4 another Last-Modified', [
    { says: expired('Last-Modified: {-1000}'), is: 'miss' },
    { says: [says(304, 'Last-Modified: {-500}'), whole], status: 200, text: '3' },
  ])
  await stage.play(t, 'RFC 9111 4.3.4 an ETag where none is stored', [
    { says: expired('Last-Modified: {-1000}'), is: 'miss' },
    { says: [says(304, 'ETag: "b"'), whole], status: 200, text: '3' },
  ])
  await stage.play(t, 'RFC 9110 8.8.3.2 weak is the same', [
    { says: expired('ETag: "a"'), is: 'miss' },
    { says: says(304, 'ETag: W/"a"'), is: 'validated', text: '1' },
  ])
  await stage.play(t, 'RFC 9110 15.4.5 one that nobody asked for', [
    { says: says(304, 'ETag: "a"'), status: 502 },
    { says: whole, is: 'miss', text: '2' },
  ])
})

t.test('rule 30: HEAD', async t => {
  const head = (...lines: string[]) => says(200, ['Cache-Control: max-age=60', 'Content-Length: 1', ...lines])
  const freshens: Turn[] = [
    { says: expired('ETag: "a"', 'X: 1'), is: 'miss' },
    { method: 'HEAD', after: 1, says: head('ETag: "a"', 'X: 2'), is: 'miss', status: 200 },
    { is: 'hit', text: '1', has: { x: '2' } },
  ]
  await stage.play(t, 'RFC 9111 4.3.5 with the same validators and length it may freshen', freshens)
  const differing: [name: string, lines: string[]][] = [
    ['another ETag', ['ETag: "b"', 'Content-Length: 1']],
    ['another length', ['ETag: "a"', 'Content-Length: 9']],
    ['another Last-Modified', ['ETag: "a"', 'Content-Length: 1', 'Last-Modified: {0}']],
  ]
  for (const [name, lines] of differing) {
    const stored = says(200, [
      'Cache-Control: max-age=10, stale-if-error=60',
      'ETag: "a"',
      'Last-Modified: {-1000}',
    ])
    const turns: Turn[] = [
      { says: stored, is: 'miss' },
      { method: 'HEAD', after: 15, says: says(200, lines), is: 'miss', status: 200 },
      { says: says(503), status: 503 },
    ]
    await stage.play(t, `RFC 9111 4.3.5 with ${name} it is not used any more`, turns)
  }
  await stage.play(t, 'RFC 9111 4.3.5 an error says nothing', [
    { says: expired('ETag: "a"'), is: 'miss' },
    { method: 'HEAD', says: says(500, 'Cache-Control: max-age=60'), is: 'miss', status: 500 },
    { says: says(304), is: 'validated', text: '1' },
  ])
})
