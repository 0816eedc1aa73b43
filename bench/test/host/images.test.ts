import t from 'tap'
import { images } from '../../host/images.js'
import { edgeKind } from '../../peers/edge.js'
import { packageRoot } from '../../root.js'
import { contextOf } from './support.js'

t.test('images measures what forms cost, once, and beside hits', async t => {
  const context = contextOf(t, { photographs: 1, clients: 10, seconds: 1 }, [edgeKind(packageRoot())])
  const { lines, faults, samples } = await images.run(context)
  t.match(lines, [
    /^first AVIF of 1200 px: \d+ ms of CPU \(< 250\)$/,
    /^10 at once for one form: made 1 times, the origin asked 1 times/,
    /^hits: p99 [\d.]+ ms before, [\d.]+ ms during/,
  ])
  const fault = /^images: what the client waits for a core is in its times/
  const [{ isFirst }] = samples as [{ isFirst: boolean }]
  t.match(faults, isFirst ? [] : [fault])
  t.match(samples, [{ failures: 0, madeOfHerd: 1, askedOfHerd: 1 }])
})
