// How an edge is, as it tells control: small, whatever the number of its sites.
import type { Status } from './status.js'

const missingMax = 300
const originsMax = 1_000

export function healthOf(status: Status, missing: readonly string[]) {
  const { uptimeMs, workers, workerDeaths, cache, counters, origins } = status
  return {
    at: new Date().toISOString(),
    ready: missing.length === 0,
    missing: missing.slice(0, missingMax),
    uptimeMs,
    workers: workers.length,
    workerDeaths,
    cacheBytes: cache.bytes,
    cacheEntries: cache.entries,
    requests: counters.requests,
    origins: origins.slice(0, originsMax).map(({ site, url, state }) => ({ site, url, state })),
  }
}
