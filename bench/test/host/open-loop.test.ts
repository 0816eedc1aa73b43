import { join } from 'node:path'
import t from 'tap'
import { openLoop, outcomeOf, type Sample } from '../../host/open-loop.js'
import { edgeKind } from '../../peers/edge.js'
import { pathWith, writeCheckout, writeWrk } from '../support/programs.js'
import { contextOf } from './support.js'

const PARTS = [0.25, 0.5, 0.75]

function samplesOf(p99: Record<string, number>, failures = 0): Sample[] {
  return Object.entries(p99).flatMap(([peer, ms]) =>
    PARTS.map(part => ({
      ...{ peer, part, requestsPerSecond: 1_000 * part },
      latencies: {
        ...{ requests: 10, failures, lagMs: 0.1 },
        points: [0.5, 0.99, 0.999, 1].map((each, at): [number, number] => [each, ms * (at + 1)]),
      },
    })),
  )
}

t.test('outcomeOf() holds p99 at half of the rate against the others', async t => {
  const good = outcomeOf('edge', samplesOf({ edge: 1, nginx: 1, haproxy: 0.7 }))
  t.equal(good.isKept, true)
  t.equal(good.lines.length, 9)
  t.match(
    good.lines[4],
    /^50%, 500 a second, nginx: p50 1\.00, p99 2\.00, p99\.9 3\.00, longest 4\.00 ms, .* 0\.10; .* 1\.00 of it \(<= 1\.2\)$/,
  )
  t.equal(outcomeOf('edge', samplesOf({ edge: 1.3, nginx: 1 })).isKept, false)
  t.equal(outcomeOf('edge', samplesOf({ edge: 1 })).isKept, undefined)
  t.match(good.histograms[1], { title: 'at 50%: 500 requests a second', series: [{ name: 'edge' }, {}, {}] })
})

t.test('outcomeOf() distrusts failures', async t => {
  t.match(outcomeOf('edge', samplesOf({ edge: 1 }, 2)).faults[0], 'open-loop, edge at 25%: 2 failures')
})

t.test('open-loop asks at parts of what the server reaches', async t => {
  const path = process.env.PATH
  const directory = t.testdir()
  process.env.PATH = pathWith(directory)
  t.teardown(() => {
    process.env.PATH = path
  })
  // It says 30,170 a second, which is more than the stand-in can: 500 are.
  writeWrk(directory, 'quick', 500)
  const kind = edgeKind(writeCheckout(join(directory, 'checkout')))
  const { samples, faults } = await openLoop.run(contextOf(t, { seconds: 0.2, rounds: 1 }, [kind]))
  t.strictSame(faults, [])
  t.strictSame(
    (samples as Sample[]).map(({ requestsPerSecond, latencies }) => [requestsPerSecond, latencies.requests]),
    [
      [125, 25],
      [250, 50],
      [375, 75],
    ],
  )
})
