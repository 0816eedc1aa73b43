import t, { type Test } from 'tap'
import { readNews } from '../../cache/purges/log.js'
import type { PurgeRule } from '../../cache/purges/rule.js'
import { PurgeDesk } from '../../keep/purge-desk.js'
import { openPurgeWord } from '../../shared/open-purge-word.js'
import { needsAddon } from '../shared/support/ground.js'
import { indexOf, keysOf } from '../support/purged-index.js'
import { configUnder } from '../support/supervise-config.js'

const site: PurgeRule = { kind: 'site', site: 'a', item: '', isSoft: false, atMs: 1 }
const url = (item: string): PurgeRule => ({ kind: 'url', site: 'a', item, isSoft: false, atMs: 200 })
const prefix = (item: string): PurgeRule => ({ ...url(item), kind: 'prefix' })

async function deskOf(t: Test, limits = {}) {
  const directory = t.testdir()
  const config = configUnder(directory, { cache: { directory, bytesMax: '16MiB' }, limits })
  const opened = await indexOf(t, [{ key: 'http a h/one' }, { key: 'http a h/two' }], directory)
  const desk = new PurgeDesk({ config, index: opened.index, onTrouble: error => t.fail(String(error)) })
  t.teardown(() => desk.close())
  const word = openPurgeWord(directory)
  t.teardown(() => word.close())
  return { ...opened, desk, word: word.word }
}

t.test('PurgeDesk numbers what it accepts, together, and says it by the word', needsAddon, async t => {
  const { desk, databases, word } = await deskOf(t)
  const numbers = await Promise.all([desk.accept([site, site]), desk.accept([url('http a h/one')])])
  t.strictSame(numbers, [2, 3])
  t.equal(word.sequence(), 3)
  t.strictSame(keysOf(databases), ['http a h/two'])
  t.equal(readNews(databases, 0).rules.length, 3)
  t.strictSame(desk.totals, { purgesAccepted: 3, purgedEntries: 1, softenedEntries: 0 })
  t.equal(desk.purges().rules.count, 3)
})

t.test('PurgeDesk goes on from the word when the index is another one', needsAddon, async t => {
  const { desk, word } = await deskOf(t)
  word.raise(500)
  t.equal(await desk.accept([site]), 501)
})

t.test(
  'PurgeDesk raises the word to what the index knows, after a start of the machine',
  needsAddon,
  async t => {
    const { desk, word, databases } = await deskOf(t)
    await desk.accept([site])
    desk.close()
    t.equal(word.sequence(), 1)
    t.equal(desk.purges().applied, 1)
    t.equal(readNews(databases, 0).sequence, 1)
  },
)

t.test('PurgeDesk refuses what would be too many, and accepts the others', needsAddon, async t => {
  const { desk } = await deskOf(t, { purgeRulesMax: 100, purgePrefixesMax: 2 })
  const many = Array.from({ length: 101 }, () => site)
  const [refused, accepted] = await Promise.allSettled([desk.accept(many), desk.accept([site])])
  t.match(refused, { reason: { code: 'purge-rules-max', status: 429, message: /limits\.purgeRulesMax/ } })
  t.match(accepted, { value: 1 })
  await desk.accept([prefix('http a h/x')])
  await t.rejects(desk.accept([prefix('http a h/y'), prefix('http a h/z')]), {
    code: 'purge-prefixes-max',
    status: 429,
  })
})

t.test('PurgeDesk says when a purge cannot be kept, and keeps the next one', needsAddon, async t => {
  const { desk, databases } = await deskOf(t)
  const unwritable = { ...url(''), item: undefined as unknown as string }
  await t.rejects(desk.accept([unwritable]), { code: 'purge-failed', status: 503 })
  t.equal(readNews(databases, 0).sequence, 0)
  t.equal(await desk.accept([site]), 1)
})

t.test('PurgeDesk has no purges where there is no index', needsAddon, async t => {
  const directory = t.testdir({ index: 'a file' })
  const { IndexGauge } = await import('../../keep/index-gauge.js')
  const config = configUnder(directory, { cache: { directory, bytesMax: '16MiB' } })
  const index = new IndexGauge(directory, 16 * 1024 * 1024)
  const desk = new PurgeDesk({ config, index, onTrouble: () => {} })
  await t.rejects(desk.accept([site]), { code: 'purge-failed', status: 503 })
  desk.close()
})
