import t from 'tap'
import { appendRules, readNews, readProgress, retireRules } from '../../../cache/purges/log.js'
import type { PurgeRule } from '../../../cache/purges/rule.js'
import { indexOf, keysOf } from '../../support/purged-index.js'

const site = (name: string): PurgeRule => ({ kind: 'site', site: name, item: '', isSoft: false, atMs: 1 })

t.test('rules get the next numbers, and who asks reads those it does not know', async t => {
  const { databases } = await indexOf(t)
  t.strictSame(readNews(databases, 0), { sequence: 0, floor: 0, rules: [] })
  t.match(appendRules(databases, [site('a'), site('b')], 0), { first: 1, last: 2 })
  t.match(appendRules(databases, [site('c')], 1), { first: 3, last: 3 }, 'what is known is less')
  t.match(appendRules(databases, [site('d')], 300), { first: 301, last: 301 }, 'what is known is more')
  const { sequence, rules } = readNews(databases, 2)
  t.equal(sequence, 301)
  t.strictSame(rules, [
    { ...site('c'), sequence: 3 },
    { ...site('d'), sequence: 301 },
  ])
})

t.test('retireRules() takes the oldest out, in pieces, under numbers of its own', async t => {
  const { databases } = await indexOf(t)
  appendRules(databases, [site('a'), site('b'), site('c')], 0)
  t.equal(retireRules(databases, 2, 0, 1), 4)
  t.match(readNews(databases, 0), { sequence: 4, floor: 1, rules: [{ sequence: 2 }, { sequence: 3 }] })
  t.equal(retireRules(databases, 2, 10, 10), 11)
  t.match(readNews(databases, 0), { sequence: 11, floor: 2, rules: [{ sequence: 3 }] })
  t.strictSame(readProgress(databases), { sequence: 11, floor: 2 })
})

t.test('appendRules() takes a URL and its variants out of the index, all or nothing', async t => {
  const keys = [
    'http a h/one',
    'http a h/one\ng\nx',
    'http a h/one\ng\ny',
    'http a h/onerous',
    'http a h/two',
  ]
  const { databases } = await indexOf(
    t,
    keys.map(key => ({ key })),
  )
  const url: PurgeRule = { kind: 'url', site: 'a', item: 'http a h/one', isSoft: false, atMs: 200 }
  const unwritable = { ...url, item: undefined as unknown as string }
  t.throws(() => appendRules(databases, [url, unwritable], 0))
  t.strictSame(keysOf(databases), keys)
  t.strictSame(readNews(databases, 0).rules, [])
  t.match(appendRules(databases, [url], 0), { drops: { removed: 3, softened: 0 } })
  t.strictSame(keysOf(databases), ['http a h/onerous', 'http a h/two'])
  t.equal([...databases.order.getKeys({ start: '' })].length, 2)
})
