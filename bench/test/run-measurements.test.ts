import t from 'tap'
import type { Measurement, Outcome } from '../host/measurement.js'
import type { Options } from '../options.js'
import type { PeerKind } from '../peers/peer.js'
import { Problem } from '../problem.js'
import { Processes } from '../processes.js'
import { runMeasurements } from '../run-measurements.js'

function runOf(measurements: Measurement[]) {
  const kinds = ['edge', 'constant'].map(name => ({ name }) as PeerKind)
  return {
    options: { measurements, scale: {} } as Options,
    ...{ kinds, processes: new Processes(), directory: '/nowhere', budgets: {}, say: () => {} },
    placement: { server: undefined, load: undefined, origin: undefined },
  }
}

const of = (name: string, run: Measurement['run']): Measurement => ({
  name,
  summary: '',
  hasPeers: false,
  run,
})
const good: Outcome = { lines: [], isKept: true, faults: [], samples: [] }

t.test('runMeasurements() goes on when one goes wrong, and leaves out what is no server', async t => {
  const run = runOf([
    of('bad', () => Promise.reject(new Problem('no port'))),
    of('good', async ({ kinds }) => ({ ...good, samples: kinds.map(({ name }) => name) })),
  ])
  const { bad, good: found } = await runMeasurements(run)
  t.match(bad, { faults: ['no port'], isKept: undefined })
  t.strictSame(found?.samples, ['edge'])
})

t.test('runMeasurements() does not go on when everything is being stopped, or when it is broken', async t => {
  const broken = runOf([of('broken', () => Promise.reject(new TypeError('oh')))])
  await t.rejects(runMeasurements(broken), { message: 'oh' })
  const stopped = runOf([of('stopped', () => Promise.reject(new Problem('stopping')))])
  await stopped.processes.stopAll()
  await t.rejects(runMeasurements(stopped), { message: 'stopping' })
})
