// Plays of http-rules.md D 15: what may be stored (RFC 9111 3). What of it, and cookies, is rules-d-fields.test.ts's.
// 15 statuses, 206: `rule 15: any final status`; never: `rule 15: what is never stored`; `rule 15: by method`
// 15 Authorization, must-understand: the tests named so
import t from 'tap'
import { type Row, rows, ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = 'Cache-Control: max-age=60'

t.test('rule 15: any final status with explicit freshness', async t => {
  const known = [
    200, 201, 202, 203, 204, 205, 207, 208, 226, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404,
    405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 425, 428, 429, 431, 451, 500, 501,
    502, 503, 504, 505, 511,
  ]
  for (const status of known) {
    await rows(t, stage, [[`RFC 9111 3 ${status}`, minute, 59, 'hit']], status)
    await rows(t, stage, [[`RFC 9111 3 ${status} with Expires`, 'Expires: {+60}', 59, 'hit']], status)
  }
  for (const status of [299, 399, 499, 599]) {
    await rows(t, stage, [[`RFC 9110 15 ${status}, which nobody knows`, minute, 59, 'hit']], status)
    await rows(
      t,
      stage,
      [[`RFC 9110 15 ${status} by s-maxage`, 'Cache-Control: s-maxage=60', 59, 'hit']],
      status,
    )
  }
  for (const status of [201, 302, 307, 400, 500, 599]) {
    await rows(t, stage, [[`RFC 9111 3 ${status} says nothing`, 'ETag: "a"', 0, 'miss']], status)
  }
  await rows(
    t,
    stage,
    [['RFC 9111 3.3 an unasked 206', [minute, 'Content-Range: bytes 0-0/9'], 0, 'miss']],
    206,
  )
})

const never: Row[] = [
  ['RFC 9111 5.2.2.5 no-store', 'Cache-Control: no-store', 0, 'miss'],
  ['RFC 9111 5.2.2.5 no-store beside max-age', 'Cache-Control: max-age=60, no-store', 0, 'miss'],
  ['RFC 9111 5.2.2.5 no-store before public', 'Cache-Control: no-store, public, max-age=60', 0, 'miss'],
  ['RFC 9111 5.2.2.5 no-store with a validator', ['Cache-Control: no-store', 'ETag: "a"'], 0, 'miss'],
  ['RFC 9111 5.2.2.5 no-store beside Expires', ['Cache-Control: no-store', 'Expires: {+60}'], 0, 'miss'],
  ['RFC 9111 5.2.2.7 private', 'Cache-Control: private, max-age=60', 0, 'miss'],
  ['RFC 9111 5.2.2.7 private beside s-maxage', 'Cache-Control: private, s-maxage=60', 0, 'miss'],
  ['RFC 9111 5.2.2.7 private beside public', 'Cache-Control: public, private, max-age=60', 0, 'miss'],
  ['RFC 9111 5.2.2.7 private that names nothing', 'Cache-Control: private="", max-age=60', 0, 'miss'],
  ['RFC 9111 4.1 Vary: *', [minute, 'Vary: *'], 0, 'miss'],
]

t.test('rule 15: what is never stored', t => rows(t, stage, never))

t.test('rule 15: must-understand', async t => {
  for (const status of [200, 404, 503]) {
    await rows(
      t,
      stage,
      [
        [
          `RFC 9111 5.2.2.3 ${status} in spite of no-store`,
          'Cache-Control: must-understand, no-store, max-age=60',
          59,
          'hit',
        ],
        [`RFC 9111 5.2.2.3 ${status} alone`, 'Cache-Control: must-understand, max-age=60', 59, 'hit'],
      ],
      status,
    )
  }
  for (const status of [299, 499, 599]) {
    await rows(
      t,
      stage,
      [
        [`RFC 9111 5.2.2.3 not ${status}`, 'Cache-Control: must-understand, max-age=60', 0, 'miss'],
        [
          `RFC 9111 5.2.2.3 not ${status} with no-store`,
          'Cache-Control: no-store, must-understand, max-age=60',
          0,
          'miss',
        ],
      ],
      status,
    )
  }
})

t.test('rule 15: by method', async t => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'FROB']) {
    await stage.play(t, `RFC 9111 3 the answer to ${method} answers nothing else`, [
      { method, says: says(200, minute), is: 'miss' },
      { method, is: 'miss', text: '2' },
      { is: 'miss', text: '3' },
    ])
  }
  const located = (location: string) => says(200, [minute, `Content-Location: ${location}`])
  await stage.play(t, 'RFC 9110 9.3.3 POST with freshness and its own Content-Location', [
    { method: 'POST', to: '/a', says: located('a'), is: 'miss' },
    { to: '/a', is: 'hit', text: '1', has: { age: '0' } },
    { method: 'HEAD', to: '/a', after: 59, is: 'hit' },
    { method: 'POST', to: '/a', is: 'miss', text: '2' },
    { to: '/a', is: 'hit', text: '2' },
  ])
  await stage.play(t, 'RFC 9110 9.3.3 POST with another Content-Location', [
    { method: 'POST', to: '/a', says: located('b'), is: 'miss' },
    { to: '/a', is: 'miss' },
  ])
  const vague = says(200, ['Last-Modified: {-1000}', 'Content-Location: a'])
  await stage.play(t, 'RFC 9110 9.3.3 POST without explicit freshness', [
    { method: 'POST', to: '/a', says: vague, is: 'miss' },
    { to: '/a', is: 'miss' },
  ])
  await stage.play(t, 'RFC 9110 9.3.4 PUT with its own Content-Location', [
    { method: 'PUT', to: '/a', says: located('a'), is: 'miss' },
    { to: '/a', is: 'miss' },
  ])
})

t.test('rule 15: Authorization', async t => {
  const table: Row[] = [
    ['RFC 9111 3.5 no word of it', 'max-age=60', 0, 'miss'],
    ['RFC 9111 3.5 public', 'max-age=60, public', 59, 'hit'],
    ['RFC 9111 3.5 must-revalidate', 'max-age=60, must-revalidate', 59, 'hit'],
    ['RFC 9111 3.5 s-maxage', 's-maxage=60', 59, 'hit'],
    ['RFC 9111 3.5 not proxy-revalidate', 'max-age=60, proxy-revalidate', 0, 'miss'],
    ['RFC 9111 3.5 not immutable', 'max-age=60, immutable', 0, 'miss'],
    ['RFC 9111 3.5 not no-cache', 'max-age=60, no-cache', 0, 'miss'],
    ['RFC 9111 3.5 not public with an argument', 'max-age=60, public=1', 0, 'miss'],
    ['RFC 9111 3.5 not private', 'max-age=60, public, private', 0, 'miss'],
  ]
  const fields = ['Authorization: Basic eA==']
  for (const [name, cacheControl, after, is, todo] of table) {
    const said = says(200, [`Cache-Control: ${cacheControl}`, 'ETag: "a"'])
    await stage.play(
      t,
      name,
      [
        { fields, says: said, is: 'miss' },
        { fields, after, is },
      ],
      todo,
    )
  }
  await stage.play(t, 'RFC 9111 3.5 what was stored without it answers with it', [
    { says: says(200, minute), is: 'miss' },
    { fields, is: 'hit' },
  ])
})
