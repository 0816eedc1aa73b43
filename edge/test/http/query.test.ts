import t from 'tap'
import { type QueryPolicy, queryPolicy } from '../../http/query.js'
import { normaliseTarget } from '../../http/target.js'
import { hostileInputs } from './random.js'

const utm: QueryPolicy = { drop: ['utm_*', 'gclid'] }
const cases: [what: string, target: string, policy: QueryPolicy, expected: string][] = [
  ['as it is', '/a?b&a', 'asIs', '/a?b&a'],
  ['no query', '/a', 'sort', '/a'],
  ['none', '/a?b', 'none', '/a'],
  ['none of an empty one', '/a?', 'none', '/a'],
  ['sorted', '/a?c=1&a=2&b', 'sort', '/a?a=2&b&c=1'],
  ['sorted, repeated names keep their order', '/a?b=2&a=9&b=1', 'sort', '/a?a=9&b=2&b=1'],
  ['sorted by decoded names', '/a?b=1&%22=2', 'sort', '/a?%22=2&b=1'],
  ['sorted, empty parameters stay', '/a?b&&a', 'sort', '/a?&a&b'],
  ['sorted, an empty query stays', '/a?', 'sort', '/a?'],
  ['dropped', '/a?utm_source=x&b=1&gclid=y', utm, '/a?b=1'],
  ['dropped, all', '/a?utm_source=x', utm, '/a'],
  ['dropped, the rest in its order', '/a?c&utm_x&b', utm, '/a?c&b'],
  ['dropped, encoded', '/a?gcl%69d=1&b', utm, '/a?b'],
  ['dropped, nothing to drop', '/a?b=utm_x&gclid2', utm, '/a?b=utm_x&gclid2'],
  ['dropped, case counts', '/a?GCLID=1', utm, '/a?GCLID=1'],
  ['dropped, everything', '/a?b&c', { drop: ['*'] }, '/a'],
  ['kept', '/a?b=1&c=2&b=3&d', { keep: ['b', 'd'] }, '/a?b=1&b=3&d'],
  ['kept, by prefix', '/a?size_w=1&c', { keep: ['size_*'] }, '/a?size_w=1'],
  ['kept, none there', '/a?c', { keep: ['b'] }, '/a'],
  ['kept, a name with a slash', '/a?b%2Fc=1&d', { keep: ['b/c'] }, '/a?b%2Fc=1'],
  ['kept, a name in UTF-8', '/a?%C3%BC=1&d', { keep: ['ü'] }, '/a?%C3%BC=1'],
  ['kept, a plus is a plus', '/a?b+c=1&d', { keep: ['b+c'] }, '/a?b+c=1'],
  ['the rest is normalised without a stray %', '/a?b%=1&%7e', { drop: ['b%'] }, '/a?~'],
  ['a question mark in the query', '/a?b?c=1&d', { keep: ['b?c'] }, '/a?b?c=1'],
]
for (const [what, target, policy, expected] of cases) {
  t.test(`queryPolicy() ${what}`, async t => t.equal(queryPolicy(target, policy), expected))
}

t.test(
  'queryPolicy() gives normalised targets and twice is the same as once, whatever the bytes',
  async t => {
    const policies: QueryPolicy[] = ['asIs', 'sort', 'none', utm, { keep: ['a', 'b*'] }]
    for (const input of hostileInputs(['b=1&a=%7e&utm_x&c%', 'a&&b=?&%61=2'], 4000)) {
      for (const policy of policies) {
        queryPolicy(input, policy)
        const target = normaliseTarget(`/x?${input}`)
        if (target === undefined) continue
        const once = queryPolicy(target, policy)
        if (normaliseTarget(once) !== once || queryPolicy(once, policy) !== once)
          t.fail(JSON.stringify([target, policy]))
      }
    }
  },
)
