// Plays of http-rules.md C 13: the key (RFC 9111 2). Variants are rules-c-variants.test.ts's.
// 13 scheme, site, host, path, query: `rule 13: what is in the key`; cookies and the rest: `rule 13: what is not`
// 13 query policy: `rule 13: the site's query policy`; marker of methods: `rule 13: GET and HEAD share, others never`
import t from 'tap'
import { type Outcome, ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)
const minute = 'Cache-Control: max-age=60'

/** A first request, a second one, and whether the second may have the answer of the first. */
type Pair = [name: string, first: string, second: string, is: Outcome, todo?: string]

t.test('rule 13: what is in the key', async t => {
  const table: Pair[] = [
    ['RFC 9110 4.2.3 another path', '/a', '/b', 'miss'],
    ['RFC 3986 6.2.2.1 the case of a path', '/a', '/A', 'miss'],
    ['RFC 3986 6.2.2.1 the case of hex digits is none', '/%e4', '/%E4', 'hit'],
    ['RFC 3986 6.2.2.2 an unreserved character, encoded', '/%61', '/a', 'hit'],
    ['RFC 3986 2.2 a reserved one is another', '/a%2Fb', '/a/b', 'miss'],
    ['RFC 3986 6.2.2.3 dot segments', '/x/../a', '/a', 'hit'],
    ['an empty query is one', '/a', '/a?', 'miss'],
    ['another query', '/a?b', '/a?c', 'miss'],
    ['the order of a query', '/a?b&c', '/a?c&b', 'miss'],
    ['the case of a query', '/a?b', '/a?B', 'miss'],
    ['the same query', '/a?b=c', '/a?b=c', 'hit'],
  ]
  for (const [name, first, second, is, todo] of table) {
    const turns = [
      { to: first, says: says(200, minute), is: 'miss' as const },
      { to: second, is },
    ]
    await stage.play(t, name, turns, todo)
  }
  const hosts: Pair[] = [
    ['RFC 9110 4.2.3 another host', 'Host: a.example', 'Host: b.example', 'miss'],
    ['RFC 9110 4.2.3 the case of a host is none', 'Host: A.example', 'Host: a.EXAMPLE', 'hit'],
    ['RFC 9110 4.2.3 the default port', 'Host: a.example:80', 'Host: a.example', 'hit'],
    ['RFC 9110 4.2.3 another port', 'Host: a.example:81', 'Host: a.example', 'miss'],
    ['RFC 1034 3.1 a trailing dot', 'Host: a.example.', 'Host: a.example', 'hit'],
  ]
  for (const [name, first, second, is, todo] of hosts) {
    const turns = [
      { fields: [first], says: says(200, minute), is: 'miss' as const },
      { fields: [second], is },
    ]
    await stage.play(t, name, turns, todo)
  }
})

t.test('rule 13: what is not', async t => {
  for (const line of [
    'Cookie: a=b',
    'User-Agent: x',
    'X-Forwarded-Host: evil',
    'Forwarded: host=evil',
    'Referer: /',
  ]) {
    await stage.play(t, `RFC 9111 2 ${line}`, [
      { says: says(200, minute), is: 'miss' },
      { fields: [line], is: 'hit' },
    ])
  }
})

t.test("rule 13: the site's query policy", async t => {
  const tables: [unknown, Pair[]][] = [
    [
      'sort',
      [
        ['sort', '/a?b=1&a=2', '/a?a=2&b=1', 'hit'],
        ['not its values', '/a?a=1', '/a?a=2', 'miss'],
      ],
    ],
    ['none', [['none', '/a?b', '/a?c', 'hit']]],
    [
      { drop: ['utm_*', 'x'] },
      [
        ['drop', '/a?utm_source=1&b=1', '/a?b=1&x=2', 'hit'],
        ['keeps the others', '/a?utm_source=1&b=1', '/a?b=2', 'miss'],
        ['a part of a name', '/a?xx=1', '/a', 'miss'],
      ],
    ],
    [
      { keep: ['b'] },
      [
        ['keep', '/a?c=1&b=1', '/a?b=1&d', 'hit'],
        ['keeps it', '/a?b=1', '/a?b=2', 'miss'],
      ],
    ],
  ]
  for (const [query, table] of tables) {
    const governed = await ruleStage(t, { cache: { query } })
    for (const [name, first, second, is, todo] of table) {
      const turns = [
        { to: first, says: says(200, minute), is: 'miss' as const },
        { to: second, is },
      ]
      await governed.play(t, name, turns, todo)
    }
  }
})

t.test('rule 13: GET and HEAD share, others never', async t => {
  await stage.play(t, 'RFC 9110 9.3.2 HEAD from GET, not GET from HEAD', [
    { method: 'HEAD', says: says(200, minute, { body: 'hello' }), is: 'miss' },
    { is: 'miss', text: 'hello' },
    { method: 'HEAD', is: 'hit', status: 200, text: '', has: { 'content-length': '5', age: '0' } },
    { is: 'hit', text: 'hello' },
  ])
  for (const method of ['OPTIONS', 'PROPFIND', 'QUERY']) {
    await stage.play(t, `RFC 9111 4 ${method} is not answered by GET's`, [
      { says: says(200, minute), is: 'miss' },
      { method, says: says(405, minute), is: 'miss', status: 405 },
    ])
  }
})
