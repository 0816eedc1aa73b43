import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { joinHost } from '../join-host.js'
import { needsAddon, runDirectoryOf } from './shared/support/ground.js'
import { testConfig } from './support/edge.js'
import { until } from './support/play.js'

function stageOf(t: Test) {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: line => void lines.push(line) })
  const configOf = (workers: number, directory: string) =>
    testConfig(t, ['http://127.0.0.1:9'], {}, { workers, run: { directory } })
  return { lines, log, configOf }
}

t.test(
  'joinHost() joins the workers of one run directory; they hear each other and of each other',
  needsAddon,
  async t => {
    const { lines, log, configOf } = stageOf(t)
    const config = configOf(2, runDirectoryOf(t))
    const [a, b] = [await joinHost(config, log, {}), await joinHost(config, log, {})]
    if (a === undefined || b === undefined) throw new Error('both should have joined')
    t.equal(a.claim('k', '1').kind, 'lead')
    const turn = b.claim('k', '1')
    if (turn.kind !== 'elsewhere') throw new Error(`not ${turn.kind}`)
    const outcomes: string[] = []
    b.watch(turn.fill, { begun: () => {}, over: outcome => void outcomes.push(outcome) })
    await a.leave()
    await until(() => outcomes.length > 0)
    t.strictSame(outcomes, ['over'])
    await b.leave()
    t.strictSame(lines, [])
  },
)

t.test('joinHost() says in one line why a worker is on its own', needsAddon, async t => {
  const { lines, log, configOf } = stageOf(t)
  t.equal(await joinHost(configOf(2, join(runDirectoryOf(t), 'absent')), log, {}), undefined)
  t.equal(lines.length, 1)
  t.match(lines[0], /"level":40.*run\.directory.*does not share/)
})

t.test('joinHost() has nothing to say of one worker', async t => {
  const { lines, log, configOf } = stageOf(t)
  t.equal(await joinHost(configOf(1, 'absent'), log, {}), undefined)
  t.strictSame(lines, [])
})
