import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { lock } from '../../../native/index.js'
import { segmentPath } from '../../cache/segments/header.js'
import { Keeper } from '../../keep/keep.js'
import { keeperLock } from '../../keep/turn.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { configUnder, type Settings } from '../support/supervise-config.js'

const mebibyte = 1024 * 1024

function keeperOf(t: Test, settings: Settings = {}, workers = 2) {
  const directory = t.testdir({ cache: { segments: {} } })
  const run = { directory: runDirectoryOf(t) }
  const config = configUnder(directory, { run, ...settings })
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: line => void lines.push(line) })
  const states: string[] = []
  const keeper: Keeper = new Keeper({
    config,
    workers,
    log,
    onState: () => void states.push(keeper.report().state),
  })
  return { keeper, config, lines, states, segments: join(directory, 'cache/segments') }
}

t.test('Keeper.run() does all its duties, says what it knows, and stops', needsAddon, async t => {
  const { keeper, config, lines, states, segments } = keeperOf(t)
  // 16 MiB: 14 for segments, three of them kept free.
  for (let id = 1; id <= 14; id += 1) writeFileSync(segmentPath(segments, id), Buffer.alloc(mebibyte, 1))
  t.match(keeper.report(), { state: 'waiting', index: null, segments: null, totals: { segmentsEvicted: 0 } })
  const ran = keeper.run()
  await until(() => states.length === 2)
  t.strictSame(states, ['keeping', 'keeping'])
  t.match(keeper.report(), {
    index: { entries: 0, bytesMax: 2 * mebibyte },
    segments: { files: 11, bytes: 11 * mebibyte, bytesMax: 14 * mebibyte, keptBytes: 11 * mebibyte },
    disk: { bytes: Number },
    fills: { counts: { fillsLed: 0 } },
    totals: { segmentsEvicted: 3, segmentBytesEvicted: 3 * mebibyte },
  })
  t.equal(lock(keeperLock(config.cache.directory), 'shared'), undefined)
  keeper.stop()
  await ran
  t.ok(lock(keeperLock(config.cache.directory), 'exclusive'), 'the next one may')
  t.equal(lines.length, 1)
})

t.test('Keeper wakes when a segment is made', needsAddon, async t => {
  const { keeper, segments, states } = keeperOf(t)
  const ran = keeper.run()
  await until(() => states.length === 2)
  for (let id = 1; id <= 12; id += 1) writeFileSync(segmentPath(segments, id), Buffer.alloc(mebibyte, 1))
  await until(() => keeper.report().segments?.files === 11)
  t.equal(keeper.report().totals.segmentsEvicted, 1)
  keeper.stop()
  await ran
})

t.test('Keeper waits while another has the cache, and does nothing', needsAddon, async t => {
  const { keeper, config, states, lines, segments } = keeperOf(t)
  const held = lock(keeperLock(config.cache.directory), 'exclusive')!
  for (let id = 1; id <= 14; id += 1) writeFileSync(segmentPath(segments, id), Buffer.alloc(mebibyte, 1))
  const ran = keeper.run()
  await until(() => states.length === 1)
  t.strictSame(states, ['waiting'])
  t.match(lines[0], /another keeper keeps this cache: waiting/)
  t.match(keeper.report(), { state: 'waiting', segments: null, fills: null })
  held.release()
  await until(() => keeper.report().totals.segmentsEvicted === 3)
  keeper.stop()
  await ran
})

t.test(
  'Keeper.stop() ends one that waits; run() rejects when there is no place for a lock',
  needsAddon,
  async t => {
    const { keeper, config, states } = keeperOf(t)
    const held = lock(keeperLock(config.cache.directory), 'exclusive')!
    const ran = keeper.run()
    await until(() => states.length === 1)
    keeper.stop()
    await ran
    held.release()
    const lost = keeperOf(t, { cache: { directory: '/nowhere/cache', bytesMax: '16MiB' } })
    await t.rejects(lost.keeper.run(), { code: 'ENOENT' })
  },
)

t.test('Keeper goes on without what it cannot do, and says so', needsAddon, async t => {
  const { keeper, config, states, lines } = keeperOf(t, { run: { directory: '/nowhere/run' } }, 3)
  writeFileSync(join(config.cache.directory, 'index'), 'a file')
  const ran = keeper.run()
  await until(() => states.length === 2)
  t.match(keeper.report(), { state: 'keeping', index: null, fills: null, segments: { files: 0 } })
  const said = lines.join('')
  for (const words of [/the index could not be measured/, /does not see the fills/, /could not be removed/]) {
    t.match(said, words)
  }
  keeper.stop()
  await ran
})

t.test('Keeper of one worker has no fills to tend', needsAddon, async t => {
  const { keeper, states } = keeperOf(t, {}, 1)
  const ran = keeper.run()
  await until(() => states.length === 2)
  t.equal(keeper.report().fills, null)
  keeper.stop()
  await ran
})
