import t from 'tap'
import { copyOfQueryPolicy, isQueryPolicy } from '../query-policy.js'

t.test('isQueryPolicy() holds for a word or one list of names', async t => {
  const holds: unknown[] = [
    'asIs',
    'sort',
    'none',
    { keep: ['page'] },
    { drop: ['utm_*', '*', 'ä', 'a[]', 'a b', '%20', '+'] },
    { keep: Array(64).fill('x'.repeat(128)) },
  ]
  const fails: unknown[] = [
    ...[undefined, null, 1, true, 'drop', [], ['a'], {}, new Date(0)],
    { keep: [] },
    { keep: 'a' },
    { keep: ['a'], drop: ['b'] },
    { keep: ['a'], other: 1 },
    { sort: ['a'] },
    Object.create({ keep: ['a'] }),
    ...['', 'a*b', '**', 'a=b', 'a&b', 'a#', 'a\n', '\u0000', '\ud800', 'x'.repeat(129), 1, null].map(
      name => ({
        drop: [name],
      }),
    ),
    { drop: Array(65).fill('a') },
    { drop: new Array(2) },
  ]
  for (const value of holds) t.equal(isQueryPolicy(value), true, JSON.stringify(value)?.slice(0, 60))
  for (const value of fails) t.equal(isQueryPolicy(value), false, JSON.stringify(value)?.slice(0, 60))
})

t.test('copyOfQueryPolicy() shares no list', async t => {
  for (const policy of ['none', { keep: ['a'] }, { drop: ['b', 'c'] }] as const) {
    const copy = copyOfQueryPolicy(policy)
    t.strictSame(copy, policy)
    if (typeof policy === 'object') t.not(copy, policy)
  }
})
