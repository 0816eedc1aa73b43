// How late the event loop of an edge came to its timers, out of its metrics. Other servers say no such thing.
import { existsSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Peer } from './peers/peer.js'

const PART = 0.99

/**
 * The class into which 99% of all looks fell since it started: not later than so many milliseconds. Undefined for what
 * has no such metric; infinite beyond the last class.
 */
export async function loopLagMs({ directory }: Pick<Peer, 'directory'>): Promise<number | undefined> {
  const socketPath = join(directory, 'run', 'edge.sock')
  if (!existsSync(socketPath)) return undefined
  return lagIn(await metricsOf(socketPath))
}

export function lagIn(metrics: string): number | undefined {
  const buckets = [...metrics.matchAll(/^naij_loop_lag_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)]
  const looks = Number(buckets.at(-1)?.[2] ?? 0)
  const found = buckets.find(([, , count]) => Number(count) >= PART * looks)
  if (found === undefined || looks === 0) return undefined
  return found[1] === '+Inf' ? Number.POSITIVE_INFINITY : Number(found[1]) * 1_000
}

async function metricsOf(socketPath: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    get({ socketPath, path: '/metrics' }, answer => text(answer).then(resolve, reject)).once('error', reject)
  })
}
