import { pino } from 'pino'
import t from 'tap'
import { KeeperSlot, type KeeperSource } from '../../supervise/keeper-slot.js'
import { configUnder } from '../support/supervise-config.js'
import { fakeKeepers } from '../support/supervise-keepers.js'
import { until } from '../support/supervise-until.js'

const config = configUnder('/tmp/a', { workers: 'auto', respawnDelayMaxMs: 20 })

function slotOf(given?: KeeperSource) {
  const { spawn, keepers } = fakeKeepers()
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: line => void lines.push(line) })
  const slot = new KeeperSlot({ keeper: given ?? { spawn }, cores: 3 }, log)
  return { slot, keepers, lines, started: (count: number) => until(() => keepers[count - 1]) }
}

t.test('KeeperSlot starts a keeper and knows what it last said', async t => {
  const { slot, keepers, lines } = slotOf()
  t.match(slot.status(), { state: 'absent', pid: null, why: null })
  slot.start(config)
  t.match(keepers[0]!.sent, [{ type: 'keep', workers: 4, config: { workers: 'auto' } }])
  t.match(slot.status(), { state: 'starting', pid: 2_000, reportAgeMs: null, segments: null })
  keepers[0]!.report('waiting')
  t.match(slot.status(), { state: 'waiting', pid: 2_000 })
  keepers[0]!.report('keeping', 4)
  t.match(slot.status(), { state: 'keeping', segments: { files: 2 }, totals: { segmentsEvicted: 4 } })
  t.match(slot.status(), { reportAgeMs: Number, deaths: 0, residentBytes: 60_000 })
  t.strictSame(lines, [])
})

t.test('KeeperSlot replaces a dead keeper, at once and then after pauses, and keeps its totals', async t => {
  const { slot, keepers, lines, started } = slotOf()
  slot.start(config)
  for (const count of [1, 2, 3]) {
    keepers[count - 1]!.report('keeping', 1)
    keepers[count - 1]!.die(null, 'SIGKILL')
    t.match(slot.status(), { state: 'absent', deaths: count, why: 'it was ended by SIGKILL' })
    await started(count + 1)
  }
  t.strictSame(
    lines.map(line => JSON.parse(line).delayMs),
    [0, 20, 20],
  )
  keepers[3]!.report('keeping', 1)
  t.match(slot.status(), { state: 'keeping', why: null, deaths: 3, totals: { segmentsEvicted: 4 } })
})

t.test('KeeperSlot says why a keeper could not keep', async t => {
  const { slot, keepers, lines, started } = slotOf()
  slot.start(config)
  keepers[0]!.say({ type: 'failed', code: 'keeper-failed', message: 'no lock' })
  keepers[0]!.die(1, null)
  t.match(slot.status(), { state: 'absent', why: 'keeper-failed: no lock', deaths: 1 })
  t.match(lines[0], /keeper-failed: no lock.*keeper died/)
  const second = await started(2)
  second.die(7, null)
  t.match(slot.status(), { why: 'it was ended by code 7' })
  await slot.stop()
})

t.test('KeeperSlot.start() once more has the next keeper begin when the last has left', async t => {
  const { slot, keepers, lines } = slotOf()
  slot.start(config)
  slot.start({ ...config, workers: 5 })
  t.match(keepers[0]!.sent, [{ type: 'keep' }, { type: 'leave' }])
  slot.start({ ...config, workers: 6 })
  t.equal(keepers.length, 1, 'never two')
  t.equal(keepers[0]!.sent.length, 2)
  keepers[0]!.die(0, null)
  t.match(keepers[1]!.sent, [{ type: 'keep', workers: 7 }])
  t.match(slot.status(), { deaths: 0 })
  t.match(lines, [/keeper left/])
})

t.test('KeeperSlot.start() does not wait for the pause after a death', async t => {
  const { slot, keepers, started } = slotOf()
  slot.start({ ...config, respawnDelayMaxMs: 600_000 })
  keepers[0]!.die(1, null)
  ;(await started(2)).die(1, null)
  t.equal(keepers.length, 2)
  slot.start(config)
  t.equal(keepers.length, 3)
})

t.test('KeeperSlot.stop() resolves when it is gone, and none comes after it', async t => {
  const { slot, keepers } = slotOf()
  await slot.stop()
  slot.start(config)
  const stopped = slot.stop()
  t.match(keepers[0]!.sent.at(-1), { type: 'leave' })
  keepers[0]!.die(0, null)
  await stopped
  t.match(slot.status(), { state: 'absent', deaths: 0 })
  t.equal(keepers.length, 1)
})

t.test('KeeperSlot kills one that does not leave, and at once when asked', async t => {
  const patient = slotOf()
  patient.slot.start(config)
  await patient.slot.stop()
  t.strictSame(patient.keepers[0]!.signals, ['SIGKILL'])
  const hurried = slotOf()
  await hurried.slot.kill()
  hurried.slot.start(config)
  void hurried.slot.stop()
  await hurried.slot.kill()
  t.strictSame(hurried.keepers[0]!.signals, ['SIGKILL'])
  t.equal(hurried.keepers.length, 1)
  hurried.slot.start(config)
  t.equal(hurried.keepers.length, 2, 'it can be started again')
})

t.test('KeeperSlot without a source says why there is none, if there is a reason', async t => {
  const { slot, lines } = slotOf({ spawn: undefined, why: 'the native addon is not there' })
  slot.start(config)
  await slot.stop()
  t.match(slot.status(), { state: 'absent', pid: null, why: 'the native addon is not there' })
  t.match(lines, [/"why":"the native addon is not there".*there is no keeper/])
  const silent = slotOf({ spawn: undefined, why: undefined })
  silent.slot.start(config)
  t.strictSame(silent.lines, [])
  t.equal(silent.slot.status().why, null)
})

t.test('KeeperSlot has the keeper purge, and the next one when that dies', async t => {
  const { slot, keepers, started } = slotOf()
  await t.rejects(slot.purge([]), { code: 'no-keeper', status: 503 })
  slot.start(config)
  const purged = slot.purge([])
  t.match(keepers[0]!.sent.at(-1), { type: 'purge', id: 1, isDryRun: false })
  keepers[0]!.die(null, 'SIGKILL')
  await started(2)
  t.match(keepers[1]!.sent.at(-1), { type: 'purge', id: 1 })
  keepers[1]!.say({ type: 'purged', id: 1, sequence: 9 })
  t.equal(await purged, 9)
  const counted = slot.countPurged([], 1)
  keepers[1]!.say({ type: 'counted', id: 2, counted: { entries: 1, scanned: 2, isComplete: true } })
  t.match(await counted, { entries: 1 })
  const refused = slot.purge([])
  keepers[1]!.say({ type: 'refused', id: 3, code: 'purge-rules-max', message: 'no', status: 429 })
  await t.rejects(refused, { code: 'purge-rules-max' })
  const late = slot.purge([])
  const killed = slot.kill()
  await t.rejects(late, { code: 'no-keeper', message: /stopping/ })
  await killed
})

t.test('KeeperSlot without keepers says why nothing can be purged', async t => {
  const { slot } = slotOf({ spawn: undefined, why: 'the native addon is not there' })
  slot.start(config)
  await t.rejects(slot.purge([]), { code: 'no-keeper', message: /native addon/ })
})
