// Plays of http-rules.md E 19: cache control meant for a CDN (RFC 9213) and Surrogate-Control.
// 19 it rules alone, both ways: `rule 19: it rules over Cache-Control and Expires`
// 19 unparsable, empty or wrongly typed is absent: `rule 19: what does not count is as if absent`
// 19 passed on, stripped by the site, a target of the site's before it, Surrogate-Control: the tests named so
import t from 'tap'
import { type Row, rows, ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)

const ruling: Row[] = [
  [
    'RFC 9213 2.2 longer than max-age',
    ['CDN-Cache-Control: max-age=60', 'Cache-Control: max-age=1'],
    59,
    'hit',
  ],
  [
    'RFC 9213 2.2 shorter than max-age',
    ['CDN-Cache-Control: max-age=10', 'Cache-Control: max-age=60'],
    10,
    'miss',
  ],
  [
    'RFC 9213 2.2 shorter than s-maxage',
    ['CDN-Cache-Control: max-age=10', 'Cache-Control: s-maxage=60'],
    10,
    'miss',
  ],
  ['RFC 9213 2.2 over no-store', ['CDN-Cache-Control: max-age=60', 'Cache-Control: no-store'], 59, 'hit'],
  ['RFC 9213 2.2 over private', ['CDN-Cache-Control: max-age=60', 'Cache-Control: private'], 59, 'hit'],
  ['RFC 9213 2.2 over no-cache', ['CDN-Cache-Control: max-age=60', 'Cache-Control: no-cache'], 59, 'hit'],
  [
    'RFC 9213 2.2 no-store over max-age',
    ['CDN-Cache-Control: no-store', 'Cache-Control: max-age=60'],
    1,
    'miss',
  ],
  [
    'RFC 9213 2.2 private over max-age',
    ['CDN-Cache-Control: private', 'Cache-Control: max-age=60'],
    1,
    'miss',
  ],
  [
    'RFC 9213 2.2 no-cache over max-age',
    ['CDN-Cache-Control: no-cache', 'Cache-Control: max-age=60', 'ETag: "a"'],
    1,
    'validated',
  ],
  ['RFC 9213 2.2 over Expires', ['CDN-Cache-Control: max-age=60', 'Expires: {-60}'], 59, 'hit'],
  ['RFC 9213 2.2 shorter than Expires', ['CDN-Cache-Control: max-age=10', 'Expires: {+60}'], 10, 'miss'],
  [
    'RFC 9213 2.2 it rules even without a lifetime',
    ['CDN-Cache-Control: must-revalidate', 'Cache-Control: max-age=60', 'Expires: {+60}'],
    1,
    'miss',
  ],
  ['RFC 9213 2.1 alone', 'CDN-Cache-Control: max-age=60', 59, 'hit'],
  ['RFC 9213 2.1 alone, to its end', 'CDN-Cache-Control: max-age=60', 60, 'miss'],
  ['RFC 9213 2.1 s-maxage', 'CDN-Cache-Control: s-maxage=60, max-age=1', 59, 'hit'],
  ['RFC 9213 2.1 max-age=0', ['CDN-Cache-Control: max-age=0', 'Cache-Control: max-age=60'], 0, 'miss'],
  ['RFC 9213 2.1 an extension beside it', 'CDN-Cache-Control: max-age=60, foo, bar="no-store"', 59, 'hit'],
  ['RFC 9111 4.2.3 Age counts', ['CDN-Cache-Control: max-age=60', 'Age: 30'], 30, 'miss'],
  [
    'RFC 5861 3 its stale-while-revalidate',
    ['CDN-Cache-Control: max-age=10, stale-while-revalidate=60', 'Cache-Control: max-age=10'],
    20,
    'stale',
  ],
  [
    'RFC 9651 4.2 several lines are one dictionary',
    ['CDN-Cache-Control: max-age=60', 'CDN-Cache-Control: no-store'],
    1,
    'miss',
  ],
  ['RFC 9651 3.2 of a repeated key the last counts', 'CDN-Cache-Control: max-age=10, max-age=60', 59, 'hit'],
  ['RFC 9213 2.1 parameters are ignored', 'CDN-Cache-Control: max-age=60;x=1', 59, 'hit'],
  ['RFC 9651 3.2 no space around ?1', 'CDN-Cache-Control: no-store=?1', 1, 'miss'],
]

const absent: Row[] = [
  [
    'RFC 9213 2.1 unparsable, so no-store counts',
    ['CDN-Cache-Control: max-age=60, &&&', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  [
    'RFC 9213 2.1 unparsable, so max-age counts',
    ['CDN-Cache-Control: no-store, &&&', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
  [
    'RFC 9651 4.2.2 a comma at the end',
    ['CDN-Cache-Control: max-age=60,', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  [
    'RFC 9651 3.1.2 a name in capitals',
    ['CDN-Cache-Control: Max-Age=60', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  ['RFC 9651 3.2 a space before =', ['CDN-Cache-Control: max-age =60', 'Cache-Control: no-store'], 1, 'miss'],
  ['RFC 9651 3.2 a space after =', ['CDN-Cache-Control: max-age= 60', 'Cache-Control: no-store'], 1, 'miss'],
  [
    'RFC 9651 4.2 one broken line spoils all',
    ['CDN-Cache-Control: max-age=60', 'CDN-Cache-Control: ;;', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  [
    'RFC 9213 2.1 max-age as a string',
    ['CDN-Cache-Control: max-age="60"', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  [
    'RFC 9213 2.1 max-age as a string, the other way',
    ['CDN-Cache-Control: max-age="1"', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
  [
    'RFC 9213 2.1 max-age as a decimal',
    ['CDN-Cache-Control: max-age=60.5', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  [
    'RFC 9213 2.1 max-age as a token',
    ['CDN-Cache-Control: max-age=sixty', 'Cache-Control: no-store'],
    1,
    'miss',
  ],
  [
    'RFC 9213 2.1 max-age without a value',
    ['CDN-Cache-Control: max-age', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
  [
    'RFC 9213 2.1 no-store as a number',
    ['CDN-Cache-Control: no-store=1', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
  ['RFC 9213 2.1 no-store=?0', ['CDN-Cache-Control: no-store=?0', 'Cache-Control: max-age=60'], 59, 'hit'],
  ['RFC 9213 2.2 empty', ['CDN-Cache-Control:', 'Cache-Control: max-age=60'], 59, 'hit'],
  [
    'RFC 9213 2.1 nothing that anybody knows',
    ['CDN-Cache-Control: foo=1', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
  [
    'RFC 9213 2.1 a negative max-age has no lawful meaning',
    ['CDN-Cache-Control: max-age=-1', 'Cache-Control: max-age=60'],
    1,
    'miss',
  ],
  ['a field for another kind of cache', ['Other-Cache-Control: max-age=60'], 1, 'miss'],
  ['Surrogate-Control where the site has it off', ['Surrogate-Control: max-age=60'], 1, 'miss'],
  [
    'Surrogate-Control no-store where it is off',
    ['Surrogate-Control: no-store', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
]

t.test('rule 19: it rules over Cache-Control and Expires', t => rows(t, stage, ruling))
t.test('rule 19: what does not count is as if absent', t => rows(t, stage, absent))

t.test('rule 19: it is passed on to the client', async t => {
  const has = { 'cdn-cache-control': 'max-age=60', 'cache-control': 'no-store' }
  const said = says(200, ['CDN-Cache-Control: max-age=60', 'Cache-Control: no-store', 'ETag: "a"'])
  await stage.play(t, 'RFC 9213 2.2 on a miss, a hit and a 304', [
    { says: said, is: 'miss', has },
    { is: 'hit', has },
    { fields: ['If-None-Match: "a"'], is: 'hit', status: 304, has },
  ])
})

t.test('rule 19: the site may strip it, and name a target before it', async t => {
  const stage = await ruleStage(t, {
    cache: { stripTargeted: true, targets: ['play-cache-control', 'cdn-cache-control'] },
  })
  const has = { 'cdn-cache-control': '', 'play-cache-control': '', 'cache-control': 'max-age=1' }
  const said = says(200, [
    'CDN-Cache-Control: no-store',
    'Play-Cache-Control: max-age=60',
    'Cache-Control: max-age=1',
    'ETag: "a"',
  ])
  await stage.play(t, 'RFC 9213 2.2 the first of the list rules, and the client sees none', [
    { says: said, is: 'miss', has },
    { after: 59, is: 'hit', has },
    { fields: ['If-None-Match: "a"'], is: 'hit', status: 304, has },
  ])
  await rows(t, stage, [
    [
      'RFC 9213 2.2 the second, if the first says nothing',
      ['Play-Cache-Control: max-age="1"', 'CDN-Cache-Control: max-age=60'],
      59,
      'hit',
    ],
  ])
})

t.test('rule 19: Surrogate-Control where the site enables it', async t => {
  const stage = await ruleStage(t, { cache: { surrogateControl: true } })
  await rows(t, stage, [
    ['max-age', ['Surrogate-Control: max-age=60', 'Cache-Control: no-store'], 59, 'hit'],
    ['max-age to its end', ['Surrogate-Control: max-age=60', 'Cache-Control: max-age=90'], 60, 'miss'],
    ['no-store', ['Surrogate-Control: no-store', 'Cache-Control: max-age=60'], 1, 'miss'],
    ['after CDN-Cache-Control', ['Surrogate-Control: no-store', 'CDN-Cache-Control: max-age=60'], 59, 'hit'],
    [
      'content alone says nothing',
      ['Surrogate-Control: content="ESI/1.0"', 'Cache-Control: max-age=60'],
      59,
      'hit',
    ],
  ])
  await stage.play(t, 'it is for us alone', [
    { says: says(200, 'Surrogate-Control: max-age=60'), is: 'miss', has: { 'surrogate-control': '' } },
    { is: 'hit', has: { 'surrogate-control': '' } },
  ])
})
