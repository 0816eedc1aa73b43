// What an answer changes in the store is tried on this: a store in memory, room for fills, a note of every failure; an
// answer weighed for an exchange; and what is found afterwards.
import type { Admission } from '../../cache/admit.js'
import { type Answer, weigh } from '../../cache/answer.js'
import type { ResponseEntry } from '../../cache/entry.js'
import { Invalidations } from '../../cache/invalidations.js'
import { type Found, lookup } from '../../cache/lookup.js'
import { openMemoryStore } from '../../cache/memory.js'
import { withoutOutdated } from '../../cache/outdated.js'
import { Purges } from '../../cache/purges/purges.js'
import type { Store } from '../../cache/store.js'
import { EdgeError } from '../../error.js'
import type { Exchange } from '../../exchange.js'
import { exchangeOf, siteOf } from './exchange.js'

export type TestRoom = Admission & {
  readonly invalidations: Invalidations
  readonly failures: { error: unknown; key: string }[]
}

export function roomOf(store: Store = openMemoryStore({ bytesMax: 1_000_000 })): TestRoom {
  const failures: TestRoom['failures'] = []
  return {
    store,
    fills: { used: 0, max: 100_000 },
    objectBytesMax: 10_000,
    identity: 'naij',
    onVariantsLeft: () => {},
    onFailure: (error, key) => failures.push({ error, key }),
    invalidations: new Invalidations(),
    purges: new Purges(),
    failures,
  }
}

/** A store in which nothing can be changed: what it holds stays. */
export function refusing(store: Store): Store {
  const refuse = async (): Promise<void> => {
    throw new EdgeError('store-failed', 'no', { source: 'edge', status: 500 })
  }
  return {
    get: (key, nowMs) => store.get(key, nowMs),
    put: refuse,
    remove: refuse,
    status: () => store.status(),
    close: () => store.close(),
  }
}

export const site = siteOf()

/** An exchange with the key that its method gets, at `nowMs` of the wall clock. */
export function asking(
  method: string,
  target: string,
  nowMs: number,
  more: Partial<Exchange> = {},
): Exchange {
  const key = `http play play.example${target}`
  return exchangeOf({ site, method, target, key, nowMs, ...more })
}

/** The answer to `x`, asked for at `x.nowMs` and there a millisecond later. */
export function answered(x: Exchange, fields: string[], status = 200): Answer {
  const { method, target, authority, nowMs } = x
  const request = { scheme: x.scheme, method, target, authority, fields: x.fields, sentMs: nowMs }
  return weigh(status, fields, request, nowMs + 1, x.site!.rules)
}

/** What a GET of `target` finds at `nowMs`. */
export function find(room: TestRoom, target: string, nowMs: number, more: Partial<Exchange> = {}): Found {
  const x = asking('GET', target, nowMs, more)
  return withoutOutdated(room, x, lookup(x, room.store))
}

/** The same in one word: the body, or how it was missed. */
export function textOf(found: Found): string {
  return typeof found === 'string' ? found : (found as ResponseEntry).body.toString()
}
