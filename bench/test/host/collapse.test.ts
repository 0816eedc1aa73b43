import { join } from 'node:path'
import t from 'tap'
import { collapse, sumUp } from '../../host/collapse.js'
import { edgeKind } from '../../peers/edge.js'
import { writeCheckout } from '../support/programs.js'
import { contextWithOrigin } from './support.js'

const herdOf = (firstLastMs: number) => ({ firstMedianMs: 1, firstLastMs, wholeMs: 900 })

t.test('sumUp() divides round by round and takes the worst count', async t => {
  const samples = [
    { miss: herdOf(100), hit: herdOf(100), originRequests: 1 },
    { miss: herdOf(900), hit: herdOf(300), originRequests: 2 },
    { miss: herdOf(400), hit: herdOf(200), originRequests: 1 },
  ]
  t.strictSame(sumUp(samples), { originRequestsMax: 2, missMs: 400, hitMs: 200, ratio: 2 })
})

t.test('collapse finds a server that does not collapse, and others do not count', async t => {
  const kind = edgeKind(writeCheckout(join(t.testdir(), 'checkout')))
  const outcome = await collapse.run(
    await contextWithOrigin(t, { clients: 5 }, [kind, { ...kind, name: 'other' }]),
  )
  t.equal(outcome.isKept, false)
  t.match(outcome.lines, [
    // This one passes everything on: five misses, what was asked until it said hit, five hits.
    /^edge: origin asked 11 times at most \(1\); last first byte \d+ ms, of a hit \d+ ms; ratio [\d.]+ \(<= 3\)$/,
    /^other: origin asked 11 times/,
  ])
})
