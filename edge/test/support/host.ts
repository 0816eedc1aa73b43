// A host: two edges in one process that share a store and the ground, as two workers of one machine would, in front of
// one origin whose answers the play gives one by one.
import type { Test } from 'tap'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'
import { joinHost } from '../../join-host.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { get, type Reply, type Request } from './client.js'
import { startEdge, type TestEdge, testConfig } from './edge.js'
import type { Held } from './herd.js'
import { type Origin, startOrigin } from './origin.js'
import { until } from './play.js'

export interface Sent {
  reply: Promise<Reply>
}

export interface Host {
  origin: Origin
  edges: [TestEdge, TestEdge]
  held: Held[]
  /** One request to the edge of this number; resolves when it was accepted. */
  send(at: 0 | 1, target?: string, asked?: Request): Promise<Sent>
  /** Resolves when the origin was asked so often, and no more often. */
  asks(count: number): Promise<void>
}

/** One that drains closes its own view of a store that both have. */
function unclosed(store: Store): Store {
  return {
    get: (key, nowMs) => store.get(key, nowMs),
    put: (key, record) => store.put(key, record),
    remove: key => store.remove(key),
    status: () => store.status(),
    close: async () => {},
  }
}

/** `stores`: what each edge sees of the one store; the same of memory when none are given. */
export async function hostOf(
  t: Test,
  site: Record<string, unknown> = {},
  stores?: readonly [Store, Store],
): Promise<Host> {
  const held: Held[] = []
  const origin = await startOrigin(t, (request, response) => void held.push({ request, response }))
  const store = openMemoryStore({ bytesMax: 64 * 1024 * 1024 })
  const [first, second] = stores ?? [unclosed(store), unclosed(store)]
  const run = { directory: runDirectoryOf(t) }
  const config = testConfig(t, [origin.url], site, { workers: 2, run })
  const start = (seen: Store) => startEdge(t, config, seen, { joinHost })
  const edges: [TestEdge, TestEdge] = [await start(first), await start(second)]
  return {
    origin,
    edges,
    held,
    asks: count => until(() => held.length === count),
    send: async (at, target = '/', asked = {}) => {
      const { port, counters } = edges[at]
      const accepted = (): number => counters().active + counters().requests
      const before = accepted()
      // The same host at both: it is part of the key.
      const reply = get(port, target, { ...asked, headers: { host: 'a', ...asked.headers } })
      await until(() => accepted() > before)
      return { reply }
    },
  }
}
