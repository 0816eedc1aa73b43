// Sums of what workers count of each origin. What a dead worker had counted is kept, so that totals never go back.
import type { OriginCounts } from '../serving.js'
import type { OriginView } from './origin-board.js'
import type { OriginStatus } from './status.js'

/** Adds `counts` to `sums`, in place; the levels (active, connections, webSockets) only of workers that run. */
export function addOrigins(
  sums: Map<string, OriginCounts>,
  counts: readonly OriginCounts[] | undefined,
  isRunning: boolean,
): void {
  for (const one of counts ?? []) {
    const key = keyOf(one)
    const sum = sums.get(key) ?? noCounts(one)
    sum.requests += one.requests
    sum.failures += one.failures
    sum.retries += one.retries
    if (isRunning) {
      sum.active += one.active
      sum.connections += one.connections
      sum.webSockets += one.webSockets
    }
    sums.set(key, sum)
  }
}

/** Those in use, with their numbers. */
export function originStatus(
  known: readonly OriginView[],
  sums: ReadonlyMap<string, OriginCounts>,
): OriginStatus[] {
  return known.map(origin => ({ ...origin, ...(sums.get(keyOf(origin)) ?? noCounts(origin)) }))
}

/** No site name holds a space. */
function keyOf({ site, url }: { site: string; url: string }): string {
  return `${site} ${url}`
}

function noCounts({ site, url }: { site: string; url: string }): OriginCounts {
  return { site, url, requests: 0, failures: 0, retries: 0, active: 0, connections: 0, webSockets: 0 }
}
