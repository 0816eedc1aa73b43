// A whole edge in the process of the test: the real engine, the real path, a store of choice, port 0.

import { pino } from 'pino'
import type { Test } from 'tap'
import { parseConfigValue } from '../../../config/parse.js'
import type { EdgeConfig } from '../../../config/settings.js'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'
import { type ServeOptions, startServing } from '../../serve.js'
import type { Counters, Serving } from '../../serving.js'

export interface TestEdge {
  readonly port: number
  readonly serving: Serving
  readonly config: EdgeConfig
  /** Log lines so far, parsed. */
  readonly lines: Record<string, unknown>[]
  counters(): Counters
  /** Resolves when no exchange is in progress: what was counted and logged is complete then. */
  idle(): Promise<void>
  stop(): Promise<void>
}

type Json = Record<string, unknown>

/** Of the listeners of plays that do not say themselves: each play runs on both. */
export const engine = process.env.NAIJ_TEST_ENGINE ?? 'uws'
/** For tests of what only one engine does. */
export const onUws = engine === 'uws' ? {} : { skip: 'of the engine uws' }

/** The parsed config of a play: one site in front of `origins`, quick to drain; `more` and `site` go over it. */
export function testConfig(t: Test, origins: string[], site: Json = {}, more: Json = {}): EdgeConfig {
  const directory = t.testdir({ cache: {}, run: {} })
  const parsed = parseConfigValue({
    listen: [{ address: '127.0.0.1', port: 0, engine }],
    workers: 1,
    run: { directory: `${directory}/run` },
    admin: { socket: '/tmp/unused.sock' },
    drainQuietMs: 1,
    drainTimeoutMs: 20_000,
    sites: [{ name: 'play', hosts: ['*'], origins, ...site }],
    ...more,
    // The directory is removed when the edge has ended: nothing may still be written then, however slow the disk.
    cache: { directory: `${directory}/cache`, closeTimeoutMs: '1m', ...(more.cache as Json) },
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}

/** Nothing takes so long but what never ends, on a machine however busy. */
const idleLimitMs = 60_000

/** Serves until the test ends. The store is in memory unless another one, or 'lmdb', is given. */
export async function startEdge(
  t: Test,
  config: EdgeConfig,
  store?: Store | 'lmdb',
  more: Pick<ServeOptions, 'joinHost' | 'joinOptimiser' | 'ticketKeys'> = {},
): Promise<TestEdge> {
  const lines: Record<string, unknown>[] = []
  const log = pino(
    { level: 'debug' },
    {
      write: text =>
        void lines.push(
          ...text
            .trimEnd()
            .split('\n')
            .map(line => JSON.parse(line)),
        ),
    },
  )
  const used = store === 'lmdb' ? undefined : (store ?? openMemoryStore({ bytesMax: 64 * 1024 * 1024 }))
  const serving = await startServing(config, { ...more, log, ...(used && { store: used }) })
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    await serving.drain()
  }
  t.teardown(stop)
  const idle = async (): Promise<void> => {
    const endMs = performance.now() + idleLimitMs
    while (serving.counters().active > 0) {
      if (performance.now() > endMs) throw new Error(`still ${serving.counters().active} in progress`)
      await new Promise(resolve => setTimeout(resolve, 2))
    }
  }
  return { port: serving.ports[0], serving, config, lines, counters: () => serving.counters(), idle, stop }
}
