// Plays of http-rules.md H: ranges (RFC 9110 14, 15.3.7, 15.5.17; RFC 9111 3.3, 3.4).
// 31 one range, 416: `rule 31: one range of a stored 200`; several: `rule 31: several ranges`
// 31 If-Range: `rule 31: If-Range`; where Range does not count, and fields: `rule 31: ...`
// 32 a range of what is absent: `rule 32: the origin answers it`; blocks, stored parts, completing: with the store of slices
import t from 'tap'
import { ruleStage } from '../../support/rules.js'
import { resets, says } from '../../support/saying.js'

const stage = await ruleStage(t)
const body = '0123456789abcdefghij'
const minute = 'Cache-Control: max-age=60'
const stored = says(200, [minute, 'ETag: "a"', 'Last-Modified: {-1000}', 'Content-Type: text/plain'], {
  body,
})

t.test('rule 31: one range of a stored 200', async t => {
  const table: [name: string, range: string, status: number, text: string, contentRange: string][] = [
    ['RFC 9110 14.1.2 first and last', 'bytes=2-4', 206, '234', 'bytes 2-4/20'],
    ['RFC 9110 14.1.2 the first byte', 'bytes=0-0', 206, '0', 'bytes 0-0/20'],
    ['RFC 9110 14.1.2 the last byte', 'bytes=19-19', 206, 'j', 'bytes 19-19/20'],
    ['RFC 9110 14.1.2 the whole', 'bytes=0-', 206, body, 'bytes 0-19/20'],
    ['RFC 9110 14.1.2 an open end', 'bytes=15-', 206, 'fghij', 'bytes 15-19/20'],
    ['RFC 9110 14.1.2 a suffix', 'bytes=-3', 206, 'hij', 'bytes 17-19/20'],
    ['RFC 9110 14.1.2 a suffix beyond the whole', 'bytes=-99', 206, body, 'bytes 0-19/20'],
    ['RFC 9110 14.1.2 clipped at the end', 'bytes=18-99', 206, 'ij', 'bytes 18-19/20'],
    [
      'RFC 9110 14.1.2 clipped, beyond every number',
      `bytes=18-${'9'.repeat(30)}`,
      206,
      'ij',
      'bytes 18-19/20',
    ],
    ['RFC 9110 14.1.2 leading zeros', 'bytes=0002-0004', 206, '234', 'bytes 2-4/20'],
    ['RFC 9110 14.1 the unit in another case', 'Bytes=2-4', 206, '234', 'bytes 2-4/20'],
    ['RFC 9110 14.1.1 list space', 'bytes= 2-4 ,', 206, '234', 'bytes 2-4/20'],
    ['RFC 9110 15.5.17 past the end', 'bytes=20-', 416, '', 'bytes */20'],
    ['RFC 9110 15.5.17 far past the end', `bytes=${'9'.repeat(30)}-`, 416, '', 'bytes */20'],
    ['RFC 9110 15.5.17 a suffix of nothing', 'bytes=-0', 416, '', 'bytes */20'],
    ['RFC 9110 15.5.17 several past the end', 'bytes=20-30, 40-', 416, '', 'bytes */20'],
    ['RFC 9110 14.2 satisfiable ones of several', 'bytes=20-30, 2-4', 206, '234', 'bytes 2-4/20'],
    ['RFC 9110 14.2 another unit', 'lines=2-4', 200, body, ''],
    ['RFC 9110 14.1.1 the wrong way round', 'bytes=4-2', 200, body, ''],
    ['RFC 9110 14.1.1 no number', 'bytes=a-b', 200, body, ''],
    ['RFC 9110 14.1.1 nothing', 'bytes=-', 200, body, ''],
    ['RFC 9110 14.1.1 an empty set', 'bytes=', 200, body, ''],
    ['RFC 9110 14.1.1 no hyphen', 'bytes=2', 200, body, ''],
    ['RFC 9110 14.1.1 negative', 'bytes=-2-4', 200, body, ''],
    ['RFC 9110 14.1.1 no unit', '2-4', 200, body, ''],
    ['RFC 9110 14.1.1 space before =', 'bytes =2-4', 200, body, ''],
    ['RFC 9110 14.1.1 one bad member spoils all', 'bytes=2-4, x', 200, body, ''],
  ]
  for (const [name, range, status, text, contentRange] of table) {
    const has = { 'content-range': contentRange, 'content-length': String(text.length), etag: '"a"' }
    await stage.play(t, name, [
      { says: stored, is: 'miss', text: body },
      { fields: [`Range: ${range}`], after: 5, is: 'hit', status, text, has: { ...has, age: '5' } },
    ])
  }
})

const head = 'Content-Type: text/plain\r\nContent-Range: bytes'

/** The parts of a multipart answer, without what differs. */
function partsOf(first: string, ...others: string[]): RegExp {
  const parts = [first, ...others].map(part => `--(\\w+)\r\n${head} ${part}`)
  return new RegExp(`^${parts.join('\r\n')}\r\n--\\w+--\r\n$`)
}

t.test('rule 31: several ranges', async t => {
  const table: [name: string, range: string, parts: string[]][] = [
    ['RFC 9110 14.6 two', 'bytes=0-1, 5-6', ['0-1/20\r\n\r\n01', '5-6/20\r\n\r\n56']],
    ['RFC 9110 14.6 in the order asked', 'bytes=5-6,0-1', ['5-6/20\r\n\r\n56', '0-1/20\r\n\r\n01']],
    [
      'RFC 9110 14.6 each form',
      'bytes=0-0,5-5,-1',
      ['0-0/20\r\n\r\n0', '5-5/20\r\n\r\n5', '19-19/20\r\n\r\nj'],
    ],
  ]
  for (const [name, range, parts] of table) {
    const target = `/${encodeURIComponent(name)}`
    await stage.play(t, name, [
      { says: stored, to: target, is: 'miss' },
      {
        to: target,
        fields: [`Range: ${range}`],
        is: 'hit',
        status: 206,
        has: { 'content-range': '', etag: '"a"' },
        like: partsOf(parts[0], ...parts.slice(1)),
      },
    ])
  }
  const single: [name: string, range: string, status: number, text: string][] = [
    ['RFC 9110 15.3.7.2 overlapping ones are united', 'bytes=0-3,2-5', 206, '012345'],
    ['RFC 9110 15.3.7.2 adjacent ones are united', 'bytes=0-1,2-3', 206, '0123'],
    [
      'RFC 9110 17.15 more than rangesMax',
      `bytes=${Array.from({ length: 30 }, (_, at) => `${at}-${at}`).join()}`,
      206,
      body,
    ],
    ['RFC 9110 17.15 many overlaps', 'bytes=0-,0-,0-,0-,0-', 200, body],
  ]
  for (const [name, range, status, text] of single) {
    await stage.play(t, name, [
      { says: stored, is: 'miss' },
      { fields: [`Range: ${range}`], is: 'hit', status, text },
    ])
  }
  const few = await ruleStage(t, { cache: { rangesMax: 2 } })
  await few.play(t, 'RFC 9110 14.2 above rangesMax the whole', [
    { says: stored, is: 'miss' },
    { fields: ['Range: bytes=0-0,5-5,9-9'], is: 'hit', status: 200, text: body },
    { fields: ['Range: bytes=0-0,5-5'], is: 'hit', status: 206 },
  ])
})

t.test('rule 31: If-Range', async t => {
  const table: [name: string, lines: string[], ifRange: string, status: number][] = [
    ['RFC 9110 13.1.5 the same strong tag', ['ETag: "a"'], '"a"', 206],
    ['RFC 9110 13.1.5 another tag', ['ETag: "a"'], '"b"', 200],
    ['RFC 9110 13.1.5 a weak tag', ['ETag: "a"'], 'W/"a"', 200],
    ['RFC 9110 13.1.5 the stored one weak', ['ETag: W/"a"'], '"a"', 200],
    ['RFC 9110 13.1.5 both weak', ['ETag: W/"a"'], 'W/"a"', 200],
    ['RFC 9110 13.1.5 no list', ['ETag: "a"'], '"a", "b"', 200],
    ['RFC 9110 13.1.5 no tag stored', [], '"a"', 200],
    ['RFC 9110 13.1.5 *', ['ETag: "a"'], '*', 200],
    ['RFC 9110 13.1.5 the exact date', ['Last-Modified: {-1000}'], '{-1000}', 206],
    ['RFC 9110 5.6.7 in another form', ['Last-Modified: {-1000}'], '{850 -1000}', 206],
    ['RFC 9110 13.1.5 a newer date', ['Last-Modified: {-1000}'], '{-999}', 200],
    ['RFC 9110 13.1.5 an older date', ['Last-Modified: {-1000}'], '{-1001}', 200],
    ['RFC 9110 8.8.2.2 a date that is not strong', ['Last-Modified: {0}'], '{0}', 200],
    ['RFC 9110 13.1.5 no date', ['Last-Modified: {-1000}'], 'yesterday', 200],
  ]
  for (const [name, lines, ifRange, status] of table) {
    await stage.play(t, name, [
      { says: says(200, [minute, ...lines], { body }), is: 'miss' },
      { fields: ['Range: bytes=2-4', `If-Range: ${ifRange}`], is: 'hit', status },
    ])
  }
  await stage.play(t, 'RFC 9110 13.1.5 without Range it says nothing', [
    { says: stored, is: 'miss' },
    { fields: ['If-Range: "b"'], is: 'hit', status: 200 },
  ])
})

t.test('rule 31: where a Range does not count', async t => {
  const fields = ['Range: bytes=2-4']
  await stage.play(t, 'RFC 9110 14.2 HEAD', [
    { says: stored, is: 'miss' },
    { method: 'HEAD', fields, is: 'hit', status: 200, has: { 'content-length': '20', 'content-range': '' } },
  ])
  await stage.play(t, 'RFC 9110 13.2.2 after the other conditions', [
    { says: stored, is: 'miss' },
    { fields: [...fields, 'If-None-Match: "a"'], is: 'hit', status: 304 },
    { fields: [...fields, 'If-Match: "b"'], is: 'hit', status: 412 },
    { fields: [...fields, 'If-None-Match: "b"'], is: 'hit', status: 206, text: '234' },
    { fields: [...fields, 'If-Modified-Since: {0}'], is: 'hit', status: 304 },
  ])
  await stage.play(t, 'RFC 9110 14.2 another status than 200', [
    { says: says(404, minute, { body }), is: 'miss', status: 404 },
    { fields, is: 'hit', status: 404, text: body },
  ])
  await stage.play(t, 'RFC 9110 14.1.2 a body of nothing', [
    { says: says(200, minute, { body: '' }), is: 'miss' },
    { fields: ['Range: bytes=0-'], is: 'hit', status: 416, has: { 'content-range': 'bytes */0' } },
    { fields: ['Range: bytes=-1'], is: 'hit', status: 200, text: '' },
  ])
  await stage.play(t, 'RFC 9110 14.2 POST', [
    { says: stored, is: 'miss' },
    { method: 'POST', fields, is: 'miss', status: 200, text: body },
  ])
})

t.test('rule 31: after our own validation, and stale', async t => {
  const fields = ['Range: bytes=2-4']
  const part = { status: 206, text: '234', has: { 'content-range': 'bytes 2-4/20' } }
  await stage.play(t, 'RFC 9111 4.3.4', [
    { says: says(200, ['Cache-Control: max-age=10', 'ETag: "a"'], { body }), is: 'miss' },
    { fields, after: 10, says: says(304), is: 'validated', ...part, asked: { range: '' } },
    { fields, is: 'hit', ...part },
  ])
  await stage.play(t, 'RFC 9111 4.2.4', [
    { says: says(200, ['Cache-Control: max-age=10', 'ETag: "a"'], { body }), is: 'miss' },
    { fields, after: 15, says: resets, is: 'fallback', ...part },
  ])
  await stage.play(t, 'RFC 9110 15.3.7 what a 206 carries', [
    { says: stored, is: 'miss' },
    {
      fields,
      is: 'hit',
      status: 206,
      has: { etag: '"a"', 'cache-control': 'max-age=60', 'content-type': 'text/plain', age: '0' },
    },
  ])
})

t.test('rule 32: the origin answers a range of what is absent', async t => {
  const part = says(206, [minute, 'ETag: "a"', 'Content-Range: bytes 2-4/20'], { body: '234' })
  const fields = ['Range: bytes=2-4', 'If-Range: "a"']
  await stage.play(t, 'RFC 9111 3.3 a part is no whole', [
    { fields, says: part, is: 'miss', status: 206, text: '234', has: { 'content-range': 'bytes 2-4/20' } },
    { says: stored, is: 'miss', status: 200, text: body },
    { fields, is: 'hit', status: 206, text: '234' },
  ])
  await stage.play(t, 'RFC 9110 15.5.17 its 416 is the client’s', [
    {
      fields: ['Range: bytes=90-'],
      says: says(416, 'Content-Range: bytes */20'),
      is: 'miss',
      status: 416,
      has: { 'content-range': 'bytes */20' },
    },
    { says: stored, is: 'miss', status: 200 },
  ])
})
