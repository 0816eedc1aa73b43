import t from 'tap'
import { addTotals, noCounters, sumCounters } from '../../supervise/counters.js'

const one = {
  ...noCounters(),
  requests: 3,
  active: 2,
  results: { hit: 2, miss: 1 },
  cacheEntries: 7,
  cacheBytes: 70,
}
const other = {
  ...noCounters(),
  requests: 4,
  active: 1,
  results: { hit: 4 },
  cacheEntries: 8,
  cacheBytes: 60,
}

t.test('sumCounters() adds up, but the cache is one for all workers', async t => {
  const sum = sumCounters([one, other])
  t.match(sum, { requests: 7, active: 3, results: { hit: 6, miss: 1 }, cacheEntries: 8, cacheBytes: 70 })
  t.strictSame(sumCounters([]), noCounters())
})

t.test('addTotals() leaves levels alone: a worker that is gone has nothing in progress', async t => {
  const sum = noCounters()
  addTotals(sum, { ...one, statusClasses: [0, 0, 3, 0, 0, 1], logDropped: 5 })
  t.match(sum, { requests: 3, active: 0, cacheEntries: 0, statusClasses: [0, 0, 3, 0, 0, 1], logDropped: 5 })
})
