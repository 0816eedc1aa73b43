import t from 'tap'
import type { PurgeRule } from '../../cache/purges/rule.js'
import { countPurged } from '../../keep/purge-count.js'
import { indexOf, keysOf } from '../support/purged-index.js'

const rule = (given: Partial<PurgeRule>): PurgeRule => {
  return { kind: 'site', site: 'a', item: '', isSoft: false, atMs: 1, ...given }
}

const cases: [row: string, rules: PurgeRule[], entries: number, scanned: number][] = [
  ['a URL with its variants', [rule({ kind: 'url', item: 'http a h/one' })], 2, 3],
  ['a prefix', [rule({ kind: 'prefix', item: 'http a h/o' })], 3, 4],
  ['a tag', [rule({ kind: 'tag', item: 'red' })], 1, 5],
  ['a site', [rule({})], 4, 5],
  ['two sites', [rule({}), rule({ site: 'b' })], 5, 6],
  ['all', [rule({ kind: 'all', site: '' })], 5, 6],
  ['nothing', [rule({ kind: 'url', item: 'http a h/none' })], 0, 0],
]
t.test('countPurged() counts responses, looks no further than it must, and takes nothing', async t => {
  const { databases } = await indexOf(t, [
    { key: 'http a h/one', isList: true },
    { key: 'http a h/one\ng\nx', fence: 7 },
    { key: 'http a h/one\ng\ny' },
    { key: 'http a h/other', tags: ['red'] },
    { key: 'http a h/two' },
    { key: 'http b h/one', tags: ['red'] },
  ])
  for (const [row, rules, entries, scanned] of cases) {
    t.strictSame(await countPurged(databases, rules, 10_000), { entries, scanned, isComplete: true }, row)
  }
  t.equal(keysOf(databases).length, 6)
})

t.test('countPurged() says when its time was over', async t => {
  const { databases } = await indexOf(t, [{ key: 'http a h/one' }])
  t.strictSame(await countPurged(databases, [rule({})], 0), { entries: 0, scanned: 0, isComplete: false })
})
