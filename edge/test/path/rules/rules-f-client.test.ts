// Plays of http-rules.md F 25: what clients ask of the cache (RFC 9111 5.2.1).
// 25 ignored by default: `rule 25: by default ...`; `rule 25: only-if-cached`; honoured: `rule 25: where the site honours them`
import t from 'tap'
import { type Outcome, ruleStage, type Turn } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = says(200, ['Cache-Control: max-age=60', 'ETag: "a"'])

t.test('rule 25: by default a client cannot make the cache ask again', async t => {
  const lines = [
    'no-cache',
    'no-store',
    'max-age=0',
    'max-age=5',
    'min-fresh=100',
    'no-transform',
    'max-stale',
  ]
  for (const line of [...lines.map(value => `Cache-Control: ${value}`), 'Pragma: no-cache']) {
    await stage.play(t, `RFC 9111 5.2.1 ${line}`, [
      { fields: [line], says: minute, is: 'miss' },
      { fields: [line], after: 10, is: 'hit' },
    ])
  }
  await stage.play(t, 'RFC 9111 5.2.1.2 max-stale does not make a stale one usable', [
    { says: minute, is: 'miss' },
    { fields: ['Cache-Control: max-stale'], after: 61, is: 'validated' },
  ])
})

t.test('rule 25: only-if-cached', async t => {
  const fields = ['Cache-Control: only-if-cached']
  await stage.play(t, 'RFC 9111 5.2.1.7 a stored response or 504', [
    { fields, says: minute, is: 'hit', status: 504, has: { 'cache-control': 'no-store' } },
    { is: 'miss', text: '1' },
    { fields, after: 59, is: 'hit', status: 200 },
    { fields, after: 1, is: 'hit', status: 504 },
    { fields: ['Cache-Control: Only-If-Cached'], is: 'hit', status: 504 },
    { fields: ['Cache-Control: foo="only-if-cached"'], is: 'validated', status: 200 },
  ])
})

t.test('rule 25: where the site honours them', async t => {
  const honouring = await ruleStage(t, { cache: { honourClientDirectives: true } })
  const table: [name: string, lines: string[], after: number, is: Outcome, cacheControl?: string][] = [
    ['RFC 9111 5.2.1.4 no-cache', ['Cache-Control: no-cache'], 10, 'validated'],
    ['RFC 9111 5.4 Pragma', ['Pragma: no-cache'], 10, 'validated'],
    ['RFC 9111 5.4 not beside Cache-Control', ['Pragma: no-cache', 'Cache-Control: max-age=20'], 10, 'hit'],
    ['RFC 9111 5.2.1.1 max-age=0', ['Cache-Control: max-age=0'], 0, 'validated'],
    ['RFC 9111 5.2.1.1 an age beyond max-age', ['Cache-Control: max-age=5'], 10, 'validated'],
    ['RFC 9111 5.2.1.1 an age within max-age', ['Cache-Control: max-age=10'], 10, 'hit'],
    ['RFC 9111 5.2.1.3 min-fresh that is left', ['Cache-Control: min-fresh=50'], 10, 'hit'],
    ['RFC 9111 5.2.1.3 min-fresh that is not', ['Cache-Control: min-fresh=51'], 10, 'validated'],
    ['RFC 9111 5.2.1.2 max-stale', ['Cache-Control: max-stale'], 70, 'stale'],
    ['RFC 9111 5.2.1.2 within max-stale', ['Cache-Control: max-stale=20'], 70, 'stale'],
    ['RFC 9111 5.2.1.2 past max-stale', ['Cache-Control: max-stale=5'], 70, 'validated'],
    ['RFC 9111 5.2.2.2 must-revalidate', ['Cache-Control: max-stale'], 70, 'validated', 'must-revalidate'],
    ['RFC 9111 5.2.2.10 s-maxage', ['Cache-Control: max-stale'], 70, 'validated', 's-maxage=60'],
    [
      'RFC 9111 5.2.1.1 not stale',
      ['Cache-Control: max-age=90'],
      70,
      'validated',
      'stale-while-revalidate=60',
    ],
    ['RFC 9111 5.2.1.5 no-store', ['Cache-Control: no-store'], 10, 'miss'],
    ['RFC 9111 5.2.1.7 stale', ['Cache-Control: only-if-cached'], 70, 'hit'],
  ]
  for (const [name, fields, after, is, more = 'public'] of table) {
    const said = says(200, [`Cache-Control: max-age=60, ${more}`, 'ETag: "a"'])
    const turns: Turn[] = [
      { says: said, is: 'miss' },
      { fields, after, is },
    ]
    await honouring.play(t, name, turns)
  }
  const nothing: Turn[] = [
    { fields: ['Cache-Control: no-store'], says: minute, is: 'miss' },
    { is: 'miss', text: '2' },
    { fields: ['Cache-Control: no-store'], is: 'miss', text: '3' },
    { is: 'hit', text: '2' },
  ]
  await honouring.play(t, 'RFC 9111 5.2.1.5 no-store keeps the answer out, not what is stored', nothing)
})
