import { join } from 'node:path'
import t from 'tap'
import { faultsOf, type Sample, slowReaders } from '../../host/slow-readers.js'
import { edgeKind } from '../../peers/edge.js'
import { writeCheckout } from '../support/programs.js'
import { contextWithOrigin } from './support.js'

t.test('slow-readers measures both ways', async t => {
  const kind = edgeKind(writeCheckout(join(t.testdir(), 'checkout')))
  const outcome = await slowReaders.run(await contextWithOrigin(t, {}, [kind]))
  t.match(outcome.lines, [
    /^edge, stored: -?[\d.]+ MB more \(< 64\) for 5 readers, \d+ of \d+ MB read in 1 s$/,
    /^edge, absent: /,
  ])
  t.match(outcome.samples, [
    { peer: 'edge', mode: 'stored' },
    { peer: 'edge', mode: 'absent', originRequests: 5, isFillOver: false },
  ])
  // The stand-in hands every request on.
  t.ok(outcome.faults.includes('slow-readers, edge, absent: the origin was asked 5 times'))
})

t.test('faultsOf() doubts what was not measured, of the edge only', async t => {
  const scale = {
    clients: 1,
    readers: 10,
    objectBytes: 2 ** 30,
    seconds: 10,
    photographs: 1,
    bodies: 1,
    wakeUps: 1,
    connections: 1,
    entries: 1,
    rounds: 1,
  }
  const good: Sample = {
    peer: 'edge',
    mode: 'absent',
    growthMb: 1,
    beforeMb: 50,
    readMb: 9,
    originRequests: 1,
    isFillOver: false,
  }
  t.strictSame(faultsOf(good, scale, 'edge'), [])
  const bad = { ...good, readMb: 4, originRequests: 2, isFillOver: true }
  t.strictSame(faultsOf(bad, scale, 'edge'), [
    'slow-readers, edge, absent: the readers got less than half of what they would take',
    'slow-readers, edge, absent: the origin was asked 2 times',
    'slow-readers, edge, absent: the fill was over before the readers were left',
  ])
  t.strictSame(faultsOf({ ...bad, peer: 'nginx' }, scale, 'edge'), [])
  t.strictSame(faultsOf({ ...good, mode: 'stored', isFillOver: true }, scale, 'edge'), [])
})
