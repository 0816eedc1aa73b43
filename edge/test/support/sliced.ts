// A stage for objects that are kept in blocks: small blocks, the real store, and one object of eleven of them.
import type { RequestListener } from 'node:http'
import type { Test } from 'tap'
import { noise, type Play, play, until } from './play.js'

export const sliceBytes = 64 * 1024
export const body = noise(10 * sliceBytes + 1000)
/** An answer behind which the connection closes says no length when it is long. */
export const kept = { connection: 'keep-alive' }

export function sliced(
  t: Test,
  script: RequestListener,
  cache: object = {},
  site: object = {},
): Promise<Play> {
  const more = { cache: { directory: `${t.testdir({})}`, sliceBytes, ...cache } }
  return play(t, script, { store: 'lmdb', more, site: { ...site } })
}

/** Until so many entries are stored: heads and blocks. */
export async function settled({ edge }: Play, entries: number): Promise<void> {
  await until(() => edge.counters().cacheEntries >= entries)
}

export const block = (index: number) => `bytes=${index * sliceBytes}-${(index + 1) * sliceBytes - 1}`
export const bytes = (first: number, last: number) => ({
  headers: { ...kept, range: `bytes=${first}-${last}` },
})
