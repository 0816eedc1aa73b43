import t from 'tap'
import { describe, errorsOf, faultsOf } from '../../host/origin-flap.js'

t.test('what is said of a sample, and when it says nothing', async t => {
  const good = { peer: 'edge', phases: [{ mode: 'good' as const, requests: 10, errors: 0 }] }
  const bad = { mode: 'resetting' as const, requests: 7, errors: 2 }
  const both = {
    peer: 'nginx',
    phases: [...good.phases, bad, { ...bad, mode: 'refusing' as const, requests: 0, errors: 0 }],
  }
  t.equal(errorsOf(good), 0)
  t.equal(errorsOf(both), 2)
  t.equal(describe(good), 'edge: 0 errors in 10 requests')
  t.equal(describe(both), 'nginx: 2 errors in 17 requests (2 of 7 while resetting)')
  t.strictSame(faultsOf(good), [])
  t.strictSame(faultsOf(both), ['nginx: no request while refusing'])
})
