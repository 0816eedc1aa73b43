import { join } from 'node:path'
import t from 'tap'
import { describe, isKept, type Sample, stale } from '../../host/stale.js'
import { edgeKind } from '../../peers/edge.js'
import { writeCheckout } from '../support/programs.js'
import { contextOf } from './support.js'

const good: Sample = {
  ...{ peer: 'edge', p99BeforeMs: 2, p99DuringMs: 3 },
  ...{ answers: 1_000, failuresBefore: 0, failures: 0 },
}

t.test('isKept() wants no failure, and hits nearly as fast', async t => {
  t.ok(isKept(good))
  t.notOk(isKept({ ...good, failures: 1 }))
  t.notOk(isKept({ ...good, p99DuringMs: 4.1 }))
})

t.test('describe() says what was found and what is wanted', async t => {
  t.equal(
    describe({ ...good, failures: 5 }),
    'edge: 5 of 1005 failed without the origin (0); p99 2.00 ms before, 3.00 ms without (<= 2 times)',
  )
})

t.test('stale sees what fails without the origin', async t => {
  // It stores nothing, and ends with the first request that its origin refuses.
  const kind = edgeKind(writeCheckout(join(t.testdir(), 'checkout')))
  const outcome = await stale.run(contextOf(t, { seconds: 0.3 }, [kind]))
  t.equal(outcome.isKept, false)
  t.strictSame(outcome.faults, [])
  const [sample] = outcome.samples as Sample[]
  t.equal(sample!.answers, 0, 'it stores nothing')
  t.ok(sample!.failures > 150)
})
