import t from 'tap'
import type { OriginCounts } from '../../serving.js'
import type { OriginView } from '../../supervise/origin-board.js'
import { addOrigins, originStatus } from '../../supervise/origin-counts.js'

const counts = (url: string, requests: number): OriginCounts => {
  return { site: 'shop', url, requests, failures: 1, retries: 2, active: 3, connections: 4, webSockets: 5 }
}
const view = (url: string): OriginView => {
  return { site: 'shop', url, weight: 1, backup: false, state: 'good', since: null, reason: null }
}

t.test('addOrigins() sums what only grows, and levels of those that run', async t => {
  const sums = new Map<string, OriginCounts>()
  addOrigins(sums, [counts('a', 10), counts('b', 1)], true)
  addOrigins(sums, [counts('a', 5)], false)
  addOrigins(sums, undefined, true)
  t.strictSame(
    [...sums.values()],
    [
      {
        site: 'shop',
        url: 'a',
        requests: 15,
        failures: 2,
        retries: 4,
        active: 3,
        connections: 4,
        webSockets: 5,
      },
      counts('b', 1),
    ],
  )
  t.match(originStatus([view('b'), view('c')], sums), [
    { url: 'b', state: 'good', requests: 1, active: 3 },
    { url: 'c', requests: 0, failures: 0, active: 0 },
  ])
})
