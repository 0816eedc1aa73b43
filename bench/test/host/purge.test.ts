import t from 'tap'
import { nativeStatus } from '../../../native/index.js'
import { purge } from '../../host/purge.js'
import { restart } from '../../host/restart.js'
import { edgeKind } from '../../peers/edge.js'
import { packageRoot } from '../../root.js'
import { contextOf } from './support.js'

const native = nativeStatus()
const needsAddon = { skip: native.isPresent ? false : `no addon: ${native.why}` }

t.test('purge measures purges of a tag and of URLs on a real edge', needsAddon, async t => {
  const outcome = await purge.run(contextOf(t, { entries: 300 }, [edgeKind(packageRoot())]))
  t.match(outcome.lines, [
    /^a tag of 300 responses: obeyed after [\d.]+ ms \(<= 50\)$/,
    /^hits on other keys: p99 [\d.]+ ms before, [\d.]+ ms while swept \(<= 2 times\)$/,
    /^URLs: \d+ purges a second \(>= 20000\)$/,
  ])
  t.strictSame(outcome.faults, [])
  t.match(outcome.samples, { entries: 300, tag: { hits: 0 }, rate: { refused: 0 } })
})

t.test('restart measures the first hit with few and with many entries', needsAddon, async t => {
  const outcome = await restart.run(contextOf(t, { entries: 20_000 }, [edgeKind(packageRoot())]))
  t.match(outcome.lines, [
    /^10000 entries: first hit after \d+ ms$/,
    /^20000 entries: first hit after \d+ ms \(<= 1000\), ratio [\d.]+ \(<= 1\.1\)$/,
  ])
  t.equal((outcome.samples as unknown[]).length, 2)
})
