import t from 'tap'
import { mesh, type Sample } from '../../host/mesh.js'
import { contextOf } from './support.js'

t.test('mesh wakes a process of its own, idle and busy', async t => {
  const context = contextOf(t, { wakeUps: 50 })
  const outcome = await mesh.run(context)
  t.match(outcome, { isKept: undefined, faults: [] })
  t.match(outcome.lines, [/^both idle: p50 \d+ us, p99 \d+ us$/, /^both busy: /])
  for (const { medianUs, p99Us, maxUs } of outcome.samples as Sample[]) {
    t.ok(medianUs > 0 && medianUs <= p99Us && p99Us <= maxUs)
  }
})
