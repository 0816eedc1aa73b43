import { join } from 'node:path'
import t from 'tap'
import { flood } from '../../host/flood.js'
import { edgeKind } from '../../peers/edge.js'
import { writeCheckout } from '../support/programs.js'
import { contextWithOrigin } from './support.js'

t.test('flood measures hits beside connections that say nothing, or little', async t => {
  const kind = edgeKind(writeCheckout(join(t.testdir(), 'checkout')))
  const outcome = await flood.run(await contextWithOrigin(t, { connections: 80 }, [kind]))
  t.match(outcome.lines, [
    /^edge: p99 [\d.]+ ms before, [\d.]+ ms during \(<= 2 times\); -?[\d.]+ MB more; \d+ of 20 idle ones/,
  ])
  t.strictSame(outcome.faults, [])
  t.match(outcome.samples, [{ peer: 'edge', failures: 0, idle: 20 }])
})
