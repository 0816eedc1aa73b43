// Plays of http-rules.md E 23 and 24: Age (RFC 9111 4.2.3, 5.1), and the max-age beside an Expires.
// 23 counting: `rule 23: a hit sends Age, counted on`; values: `rule 23: which values of Age count`
// 23 response delay: `rule 23: the time the answer took is age`; 24: `rule 24: a max-age of the same meaning`
import t from 'tap'
import { type Row, rows, ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = 'Cache-Control: max-age=60'

t.test('rule 23: a hit sends Age, counted on', async t => {
  await stage.play(t, 'RFC 9111 5.1 from nothing', [
    { says: says(200, minute), is: 'miss', has: { age: '' } },
    { is: 'hit', has: { age: '0' } },
    { after: 10, is: 'hit', has: { age: '10', 'cache-status': 'naij; hit; ttl=50' } },
    { after: 49, is: 'hit', has: { age: '59', 'cache-status': 'naij; hit; ttl=1' } },
  ])
  await stage.play(t, 'RFC 9111 4.2.3 from what it came with', [
    { says: says(200, [minute, 'Age: 30']), is: 'miss', has: { age: '30' } },
    { after: 20, is: 'hit', has: { age: '50', 'cache-status': 'naij; hit; ttl=10' } },
  ])
  await stage.play(t, 'RFC 9111 4.2.3 the larger of Age and Date', [
    { says: says(200, [minute, 'Age: 10', 'Date: {-30}']), is: 'miss', has: { age: '30' } },
    { after: 29, is: 'hit', has: { age: '59' } },
    { after: 1, is: 'miss' },
  ])
  await stage.play(t, 'RFC 9111 4.2.3 the other way', [
    { says: says(200, [minute, 'Age: 30', 'Date: {-10}']), is: 'miss', has: { age: '30' } },
    { after: 30, is: 'miss' },
  ])
  await stage.play(t, 'RFC 9111 5.1 a 304 to the client carries it', [
    { says: says(200, [minute, 'ETag: "a"']), is: 'miss' },
    { after: 5, fields: ['If-None-Match: "a"'], is: 'hit', status: 304, has: { age: '5' } },
  ])
  await stage.play(t, 'RFC 9111 4.3.4 a 304 of the origin makes it young again', [
    { says: says(200, [minute, 'Age: 30', 'ETag: "a"']), is: 'miss', has: { age: '30' } },
    { after: 30, says: says(304, [minute, 'ETag: "a"']), is: 'validated', has: { age: '0' } },
    { after: 59, is: 'hit', has: { age: '59' } },
  ])
})

const values: Row[] = [
  ['RFC 9111 5.1 a number', [minute, 'Age: 30'], 29, 'hit'],
  ['RFC 9111 5.1 a number, to the end', [minute, 'Age: 30'], 30, 'miss'],
  ['RFC 9111 5.1 as long as the lifetime', [minute, 'Age: 60'], 0, 'miss'],
  ['RFC 9111 5.1 longer than the lifetime', [minute, 'Age: 100'], 0, 'miss'],
  ['RFC 9111 1.2.2 leading zeros', [minute, 'Age: 0030'], 30, 'miss'],
  ['RFC 9111 5.1 of a list the first', [minute, 'Age: 30, 0'], 30, 'miss'],
  ['RFC 9111 5.1 of a list the first, smaller', [minute, 'Age: 0, 100'], 59, 'hit'],
  ['RFC 9111 5.1 of two lines the first', [minute, 'Age: 30', 'Age: 0'], 30, 'miss'],
  ['RFC 9111 5.1 of two lines the first, smaller', [minute, 'Age: 0', 'Age: 100'], 59, 'hit'],
  ['RFC 9111 5.1 negative is ignored', [minute, 'Age: -30'], 59, 'hit'],
  ['RFC 9111 5.1 decimal is ignored', [minute, 'Age: 60.5'], 59, 'hit'],
  ['RFC 9111 5.1 quoted is ignored', [minute, 'Age: "100"'], 59, 'hit'],
  ['RFC 9111 5.1 letters are ignored', [minute, 'Age: 100s'], 59, 'hit'],
  ['RFC 9111 5.1 a parameter is ignored with it', [minute, 'Age: 100;a=1'], 59, 'hit'],
  ['RFC 9111 5.1 empty is ignored', [minute, 'Age:'], 59, 'hit'],
  ['RFC 9111 1.2.2 2^31', ['Cache-Control: max-age=2147483648', 'Age: 2147483648'], 0, 'miss'],
  [
    'RFC 9111 1.2.2 over 2^31 is stale for ever',
    ['Cache-Control: max-age=99999999999', 'Age: 99999999999'],
    0,
    'miss',
  ],
  ['RFC 9111 1.2.2 over 2^64', [minute, `Age: ${'9'.repeat(40)}`], 0, 'miss'],
  ['RFC 9111 4.2.3 beside Expires', ['Expires: {+60}', 'Age: 30'], 30, 'miss'],
]

t.test('rule 23: which values of Age count', t => rows(t, stage, values))

t.test('rule 23: the time the answer took is age', async t => {
  await stage.play(t, 'RFC 9111 4.2.3 response_delay', [
    { says: says(200, minute, { takes: 20 }), is: 'miss', has: { age: '20' } },
    { after: 39, is: 'hit', has: { age: '59' } },
    { after: 1, is: 'miss' },
  ])
  await stage.play(t, 'RFC 9111 4.2.3 added to Age', [
    { says: says(200, [minute, 'Age: 30'], { takes: 20 }), is: 'miss', has: { age: '50' } },
    { after: 9, is: 'hit', has: { age: '59' } },
  ])
  await stage.play(t, 'RFC 9111 4.2.3 not added to a Date in the past', [
    { says: says(200, [minute, 'Date: {-30}'], { takes: 20 }), is: 'miss', has: { age: '30' } },
    { after: 29, is: 'hit' },
  ])
})

t.test('rule 23: Age never goes back below nothing, whatever a clock does', async t => {
  await stage.play(t, 'a response from the future is stale', [
    { says: says(200, [minute, 'ETag: "a"']), is: 'miss' },
    { after: -30, is: 'validated', has: { age: '' } },
    { is: 'hit', has: { age: '0' } },
  ])
})

t.test('rule 24: a max-age of the same meaning', async t => {
  const table: [string, string[], string][] = [
    ['RFC 9111 5.3 beside Expires alone', ['Expires: {+60}'], 'max-age=60'],
    ['RFC 9111 5.3 Expires minus Date', ['Date: {-100}', 'Expires: {+60}'], 'max-age=160'],
    [
      'RFC 9111 5.3 beside other directives',
      ['Cache-Control: public', 'Expires: {+60}'],
      'public, max-age=60',
    ],
    ['RFC 9111 5.3 not beside a max-age', ['Cache-Control: max-age=90', 'Expires: {+60}'], 'max-age=90'],
    [
      'RFC 9111 5.3 beside s-maxage, which is not for everybody',
      ['Cache-Control: s-maxage=90', 'Expires: {+60}'],
      's-maxage=90, max-age=60',
    ],
    [
      'RFC 9213 2.2 of Expires, not of the targeted field',
      ['CDN-Cache-Control: max-age=90', 'Expires: {+60}'],
      'max-age=60',
    ],
    ['RFC 9111 5.3 not without Expires', ['Last-Modified: {-1000}'], ''],
  ]
  for (const [name, lines, cacheControl] of table) {
    const has = { 'cache-control': cacheControl }
    await stage.play(t, name, [
      { says: says(200, lines), is: 'miss', has },
      { is: 'hit', has },
    ])
  }
  const past: [string, string][] = [
    ['RFC 9111 5.3 an Expires in the past', 'Expires: {-60}'],
    ['RFC 9111 5.3 an Expires that is no date', 'Expires: 0'],
    ['RFC 9111 5.3 an Expires that is Date', 'Expires: {0}'],
  ]
  for (const [name, line] of past) {
    const has = { 'cache-control': 'max-age=0' }
    await stage.play(t, name, [{ says: says(200, [line, 'ETag: "a"']), is: 'miss', has }])
  }
})
