import t from 'tap'
import { decodeRule, encodeRule, type PurgeRule, purgeKinds } from '../../../cache/purges/rule.js'

t.test('encodeRule() and decodeRule() carry every kind', async t => {
  for (const kind of purgeKinds) {
    const rule: PurgeRule = {
      kind,
      site: 'a',
      item: `http a é\xff${kind}`,
      isSoft: kind === 'tag',
      atMs: 1.5,
    }
    t.strictSame(decodeRule(encodeRule(rule), 7), { ...rule, sequence: 7 })
  }
})

const unreadable: [row: string, text: string][] = [
  ['no JSON', '['],
  ['nothing', ''],
  ['another kind', '["regex","a","b",false,1]'],
  ['no list', '{"kind":"url"}'],
  ['a field that is missing', '["url","a","b",false]'],
]
for (const [row, text] of unreadable) {
  t.test(`decodeRule() takes ${row} for a rule that takes everything`, async t => {
    t.match(decodeRule(Buffer.from(text), 9), { kind: 'all', isSoft: false, sequence: 9 })
  })
}
