// Plays of http-rules.md C 14: the variants of one URL (RFC 9111 4.1).
// 14 stored values, absent, lines, space, `*`: `rule 14: which requests a variant answers`
// 14 Accept-Encoding, Accept-Language, Content-Language, Accept: `rule 14: preferences in one form`
// 14 several sets, variantsMax: `rule 14: each response is matched by its own Vary`, `rule 14: at most variantsMax`
import t, { type Test } from 'tap'
import { type Outcome, ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = 'Cache-Control: max-age=60'

/** Vary, the lines of a first request and those of a second. */
type Selection = [name: string, vary: string[], first: string[], second: string[], is: Outcome, todo?: string]

async function select(t: Test, table: readonly Selection[], more: string[] = []): Promise<void> {
  for (const [name, vary, first, second, is, todo] of table) {
    const lines = [minute, ...more, ...vary.map(line => `Vary: ${line}`)]
    const turns = [
      { fields: first, says: says(200, lines), is: 'miss' as const },
      { fields: second, is },
    ]
    await stage.play(t, name, turns, todo)
  }
}

t.test('rule 14: which requests a variant answers', t =>
  select(t, [
    ['RFC 9111 4.1 the same value', ['X'], ['X: 1'], ['X: 1'], 'hit'],
    ['RFC 9111 4.1 another value', ['X'], ['X: 1'], ['X: 2'], 'miss'],
    ['RFC 9111 4.1 the case of a value', ['X'], ['X: a'], ['X: A'], 'miss'],
    ['RFC 9110 12.5.5 the case of a name is none', ['x-A'], ['X-a: 1'], ['x-a: 1'], 'hit'],
    ['RFC 9111 4.1 absent matches absent', ['X'], [], [], 'hit'],
    ['RFC 9111 4.1 absent does not match present', ['X'], ['X: 1'], [], 'miss'],
    ['RFC 9111 4.1 present does not match absent', ['X'], [], ['X: 1'], 'miss'],
    ['RFC 9111 4.1 present and empty is not absent', ['X'], [], ['X:'], 'miss'],
    ['RFC 9111 4.1 lines are one list', ['X'], ['X: 1, 2'], ['X: 1', 'X: 2'], 'hit'],
    ['RFC 9111 4.1 list space does not count', ['X'], ['X: 1,2'], ['X: 1 ,  2'], 'hit'],
    ['RFC 9111 4.1 the order of a list counts', ['X'], ['X: 1, 2'], ['X: 2, 1'], 'miss'],
    ['RFC 9111 4.1 both of two names', ['X, Y'], ['X: 1', 'Y: 1'], ['X: 1', 'Y: 1'], 'hit'],
    ['RFC 9111 4.1 only one of two names', ['X, Y'], ['X: 1', 'Y: 1'], ['X: 1', 'Y: 2'], 'miss'],
    ['RFC 9111 4.1 names on two lines', ['X', 'Y'], ['X: 1', 'Y: 1'], ['X: 1', 'Y: 2'], 'miss'],
    ['RFC 9110 12.5.5 empty members', [', X,'], ['X: 1'], ['X: 1'], 'hit'],
    ['RFC 9110 12.5.5 a repeated name', ['X, x'], ['X: 1'], ['X: 1'], 'hit'],
    ['RFC 9110 12.5.5 an empty Vary', [''], ['X: 1'], ['X: 2'], 'hit'],
    ['RFC 9111 4.1 a field that nobody names', ['X'], ['Y: 1'], ['Y: 2'], 'hit'],
    ['RFC 9111 4.1 *', ['*'], [], [], 'miss'],
    ['RFC 9111 4.1 * behind a name', ['X, *'], ['X: 1'], ['X: 1'], 'miss'],
    ['RFC 9111 4.1 * before a name', ['*, X'], ['X: 1'], ['X: 1'], 'miss'],
    ['RFC 9111 4.1 * on the second line', ['X', '*'], ['X: 1'], ['X: 1'], 'miss'],
    ['RFC 9110 5.6.2 a member that is no name', ['X Y'], ['X: 1'], ['X: 1'], 'miss'],
    ['RFC 9111 4.1 Cookie', ['Cookie'], ['Cookie: a=1'], ['Cookie: a=2'], 'miss'],
    ['RFC 9111 4.1 User-Agent', ['User-Agent'], ['User-Agent: a, b'], ['User-Agent: a,b'], 'miss'],
    ['RFC 9111 4.1 Origin', ['Origin'], ['Origin: http://a'], ['Origin: http://a'], 'hit'],
    ['RFC 9110 7.6.1 what Connection strips', ['X'], ['X: 1', 'Connection: x'], ['X: 1'], 'miss'],
  ]),
)

t.test('rule 14: preferences in one form', async t => {
  await select(t, [
    [
      'RFC 9110 12.5.3 order',
      ['Accept-Encoding'],
      ['Accept-Encoding: gzip, br'],
      ['Accept-Encoding: br,gzip'],
      'hit',
    ],
    [
      'RFC 9110 12.5.3 case',
      ['Accept-Encoding'],
      ['Accept-Encoding: gzip'],
      ['Accept-Encoding: GZip'],
      'hit',
    ],
    [
      'RFC 9110 12.5.3 unknown codings',
      ['Accept-Encoding'],
      ['Accept-Encoding: gzip'],
      ['Accept-Encoding: gzip, x'],
      'hit',
    ],
    [
      'RFC 9110 12.4.2 q=0',
      ['Accept-Encoding'],
      ['Accept-Encoding: gzip'],
      ['Accept-Encoding: gzip;q=0'],
      'miss',
    ],
    ['RFC 9110 12.5.3 none and absent', ['Accept-Encoding'], ['Accept-Encoding: gzip'], [], 'miss'],
    [
      'RFC 9110 12.5.4 order',
      ['Accept-Language'],
      ['Accept-Language: en, de'],
      ['Accept-Language: de, en'],
      'hit',
    ],
    [
      'RFC 9110 12.5.4 case',
      ['Accept-Language'],
      ['Accept-Language: en-GB'],
      ['Accept-Language: EN-gb'],
      'hit',
    ],
    [
      'RFC 9110 12.4.2 order of q',
      ['Accept-Language'],
      ['Accept-Language: en, de;q=0.5'],
      ['Accept-Language: de;q=0.5,en'],
      'hit',
    ],
    [
      'RFC 9110 12.4.2 q differs',
      ['Accept-Language'],
      ['Accept-Language: en, de;q=0.5'],
      ['Accept-Language: de, en;q=0.5'],
      'miss',
    ],
    [
      'RFC 9110 12.5.4 another language',
      ['Accept-Language'],
      ['Accept-Language: en'],
      ['Accept-Language: de'],
      'miss',
    ],
    [
      'RFC 9110 12.5.1 order',
      ['Accept'],
      ['Accept: image/avif,image/webp'],
      ['Accept: image/webp, image/avif'],
      'hit',
    ],
    ['RFC 9110 12.5.1 case', ['Accept'], ['Accept: image/AVIF'], ['Accept: image/avif'], 'hit'],
    ['RFC 9110 12.5.1 another type', ['Accept'], ['Accept: text/html'], ['Accept: text/plain'], 'miss'],
  ])
  await select(
    t,
    [
      [
        'RFC 9111 4.1 Content-Language is the best',
        ['Accept-Language'],
        ['Accept-Language: de'],
        ['Accept-Language: de, en;q=0.5'],
        'hit',
      ],
      [
        'RFC 9111 4.1 Content-Language by q, not by order',
        ['Accept-Language'],
        ['Accept-Language: de'],
        ['Accept-Language: en;q=0.5, de'],
        'hit',
      ],
      [
        'RFC 9111 4.1 Content-Language is not the best',
        ['Accept-Language'],
        ['Accept-Language: de'],
        ['Accept-Language: en, de;q=0.5'],
        'miss',
      ],
      [
        'RFC 9111 4.1 Content-Language excluded',
        ['Accept-Language'],
        ['Accept-Language: de'],
        ['Accept-Language: de;q=0'],
        'miss',
      ],
    ],
    ['Content-Language: de'],
  )
})

t.test('rule 14: each response is matched by its own Vary', async t => {
  const by = (vary: string) => says(200, [minute, `Vary: ${vary}`])
  await stage.play(t, 'RFC 9111 4.1 two variants', [
    {
      fields: ['X: 1'],
      says: by('X'),
      is: 'miss',
      has: { 'cache-status': 'naij; fwd=uri-miss; fwd-status=200; stored' },
    },
    {
      fields: ['X: 2'],
      is: 'miss',
      text: '2',
      has: { 'cache-status': 'naij; fwd=vary-miss; fwd-status=200; stored' },
    },
    { fields: ['X: 1'], is: 'hit', text: '1' },
    { fields: ['X: 2'], is: 'hit', text: '2' },
  ])
  await stage.play(t, 'RFC 9111 4.1 two sets of names', [
    { fields: ['X: 1', 'Y: 1'], says: by('X'), is: 'miss' },
    { fields: ['X: 2', 'Y: 1'], says: by('Y'), is: 'miss' },
    { fields: ['X: 1', 'Y: 3'], is: 'hit', text: '1' },
    { fields: ['X: 3', 'Y: 1'], is: 'hit', text: '2' },
    { fields: ['X: 3', 'Y: 3'], says: says(200, minute), is: 'miss', text: '3' },
    { fields: ['X: 1', 'Y: 3'], is: 'hit', text: '3' },
  ])
  await stage.play(t, 'RFC 9111 4.1 of several that match the latest', [
    { fields: ['X: 1', 'Y: 1'], says: by('X'), is: 'miss', text: '1' },
    { fields: ['X: 2', 'Y: 2'], after: 1, says: by('Y'), is: 'miss', text: '2' },
    { fields: ['X: 1', 'Y: 2'], is: 'hit', text: '2' },
  ])
})

t.test('rule 14: at most variantsMax, the oldest leaves first', async t => {
  const few = await ruleStage(t, { cache: { variantsMax: 2 } })
  await few.play(t, 'a third', [
    { fields: ['X: 1'], says: says(200, [minute, 'Vary: X']), is: 'miss' },
    { fields: ['X: 2'], is: 'miss' },
    { fields: ['X: 3'], is: 'miss' },
    { fields: ['X: 2'], is: 'hit' },
    { fields: ['X: 3'], is: 'hit' },
    { fields: ['X: 1'], is: 'miss' },
  ])
})
