import t from 'tap'
import { healthOf } from '../../supervise/health.js'
import type { Status } from '../../supervise/status.js'

t.test('how an edge is, in few words', async t => {
  const origins = Array.from({ length: 1_500 }, (_, at) => ({
    site: 'a',
    url: `http://o${at}`,
    state: 'good',
    weight: 1,
  }))
  const status = {
    ...{ uptimeMs: 5, workers: [{}, {}], workerDeaths: 1, cache: { bytes: 7, entries: 8 } },
    ...{ counters: { requests: 9 }, origins },
  } as unknown as Status
  const health = healthOf(status, Array(500).fill('worker 0 is starting'))
  t.match(health, {
    ready: false,
    uptimeMs: 5,
    workers: 2,
    workerDeaths: 1,
    cacheBytes: 7,
    cacheEntries: 8,
    requests: 9,
  })
  t.strictSame([health.missing.length, health.origins.length], [300, 1_000])
  t.strictSame(health.origins[0], { site: 'a', url: 'http://o0', state: 'good' })
  t.equal(healthOf(status, []).ready, true)
})
