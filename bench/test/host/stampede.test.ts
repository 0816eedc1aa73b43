import { join } from 'node:path'
import t from 'tap'
import { describe, isKept, type Sample, stampede } from '../../host/stampede.js'
import { edgeKind } from '../../peers/edge.js'
import { writeCheckout } from '../support/programs.js'
import { contextOf } from './support.js'

const good: Sample = {
  ...{ peer: 'edge', mode: 'may be stale', seconds: 10 },
  ...{ originRequests: 11, hits: 9, failures: 0, p99Ms: 3.21, longestMs: 20 },
}

t.test('isKept() wants one fetch each time, and nobody to wait who need not', async t => {
  t.ok(isKept(good))
  t.notOk(isKept({ ...good, originRequests: 13 }))
  t.notOk(isKept({ ...good, longestMs: 230 }))
  t.ok(isKept({ ...good, mode: 'must wait', longestMs: 230 }))
})

t.test('describe() says what was found and what is wanted', async t => {
  const text = 'edge, may be stale: origin asked 11 times in 10 s (<= 12); p99 3.2 ms, longest 20 ms (< 200)'
  t.equal(describe(good), text)
})

t.test('stampede counts what the origin is asked while an object expires', async t => {
  // It hands everything on and collapses nothing: all that is asked of it is asked of the origin.
  const kind = edgeKind(writeCheckout(join(t.testdir(), 'checkout')))
  const { samples, isKept: isGood, lines } = await stampede.run(contextOf(t, { seconds: 0.2 }, [kind]))
  t.equal(lines.length, 2)
  t.equal(isGood, false)
  for (const sample of samples as Sample[]) t.ok(sample.originRequests > 50, JSON.stringify(sample))
})
