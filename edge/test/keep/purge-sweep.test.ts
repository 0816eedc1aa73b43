import t, { type Test } from 'tap'
import { readNews } from '../../cache/purges/log.js'
import type { PurgeRule } from '../../cache/purges/rule.js'
import { PurgeDesk } from '../../keep/purge-desk.js'
import { PurgeSweep } from '../../keep/purge-sweep.js'
import { needsAddon } from '../shared/support/ground.js'
import { indexOf, keysOf, type Stored } from '../support/purged-index.js'
import { configUnder } from '../support/supervise-config.js'

const atMs = 1_000
const tag = (item: string, more: Partial<PurgeRule> = {}): PurgeRule => {
  return { kind: 'tag', site: 'a', item, isSoft: false, atMs, ...more }
}
const url = (item: string): PurgeRule => ({ ...tag(item), kind: 'url' })

async function sweepOf(t: Test, entries: readonly Stored[], rulesMax = 100) {
  const directory = t.testdir()
  const config = configUnder(directory, { cache: { directory, bytesMax: '16MiB' } })
  const opened = await indexOf(t, entries, directory)
  const desk = new PurgeDesk({ config, index: opened.index, onTrouble: error => t.fail(String(error)) })
  t.teardown(() => desk.close())
  const clock = { nowMs: atMs }
  const said: unknown[] = []
  const sweep = new PurgeSweep({
    desk,
    databases: () => opened.index.open(),
    rulesMax,
    log: (...words) => void said.push(words),
    now: () => clock.nowMs,
  })
  return { ...opened, desk, sweep, clock, said }
}

const many = Array.from({ length: 600 }, (_, at): Stored => {
  return { key: `http a h/${at}`, tags: [at % 2 === 0 ? 'even' : 'odd'] }
})

t.test(
  'PurgeSweep takes out what is purged and nothing else, then retires the rules',
  needsAddon,
  async t => {
    const { desk, sweep, databases, clock } = await sweepOf(t, many)
    await sweep.tend()
    t.match(sweep.view(), { sequence: 0, rules: 0, sweepSeen: null })
    await desk.accept([tag('even'), url('http a h/none')])
    await Promise.all([sweep.tend(), sweep.tend()])
    t.equal(keysOf(databases).length, 300)
    t.equal(sweep.sweeps, 1)
    t.match(desk.totals, { purgedEntries: 300 })
    t.match(sweep.view(), { sequence: 2, rules: 2 }, 'fills may be under way that began before')
    clock.nowMs += 60_000
    await sweep.tend()
    t.match(sweep.view(), { sequence: 3, rules: 0 })
    t.match(readNews(databases, 0), { floor: 2, rules: [] })
    t.equal(sweep.sweeps, 1, 'nothing new to look for')
  },
)

t.test('PurgeSweep makes stale what is purged softly', needsAddon, async t => {
  const { desk, sweep, databases } = await sweepOf(t, many.slice(0, 4))
  await desk.accept([tag('even', { isSoft: true })])
  await sweep.tend()
  t.equal(keysOf(databases).length, 4)
  t.match(desk.totals, { purgedEntries: 0, softenedEntries: 2 })
})

t.test(
  'PurgeSweep retires early when there is no room for more, and after the clock was set back',
  needsAddon,
  async t => {
    const { desk, sweep, clock } = await sweepOf(t, [], 4)
    await desk.accept([url('http a h/1'), url('http a h/2'), url('http a h/3')])
    clock.nowMs += 1_999
    await sweep.tend()
    t.match(sweep.view(), { rules: 3 })
    clock.nowMs += 1
    await sweep.tend()
    t.match(sweep.view(), { rules: 0 })
    await desk.accept([url('http a h/1')])
    clock.nowMs = atMs - 5_000
    await sweep.tend()
    t.match(sweep.view(), { rules: 0 })
  },
)

t.test('PurgeSweep looks for the variants of a long URL', needsAddon, async t => {
  const long = `http a h/${'x'.repeat(1_200)}`
  const { desk, sweep, databases } = await sweepOf(t, [{ key: `${long}\ng\nv` }, { key: 'http a h/short' }])
  await desk.accept([url(long)])
  t.equal(keysOf(databases).length, 2)
  await sweep.tend()
  t.strictSame(keysOf(databases), ['http a h/short'])
})

t.test('PurgeSweep stops where it is, and says what fails', needsAddon, async t => {
  const { desk, sweep, databases, index, said } = await sweepOf(t, many)
  await desk.accept([tag('even')])
  const tended = sweep.tend()
  await sweep.stop()
  await tended
  t.equal(sweep.sweeps, 0)
  t.ok(keysOf(databases).length > 300)
  t.match(readNews(databases, 0), { floor: 0 })
  const failing = new PurgeSweep({
    desk,
    databases: () => {
      throw new Error('no page')
    },
    rulesMax: 100,
    log: (...words) => void said.push(words),
  })
  await failing.tend()
  t.match(said, [['warn', 'purged entries could not be swept out', { error: { message: 'no page' } }]])
  t.equal(failing.view(), null)
  await index.close()
})
