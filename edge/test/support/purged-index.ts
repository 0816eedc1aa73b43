// An index with responses and lists in it, for the tests of what purges do to them.
import type { Test } from 'tap'
import type { Databases } from '../../cache/databases.js'
import { type EntryDraft, encodeEntry } from '../../cache/entry.js'
import { openLmdbStore } from '../../cache/lmdb.js'
import { encodeVariants } from '../../cache/variants.js'
import { IndexGauge } from '../../keep/index-gauge.js'

export const indexBytes = 16 * 1024 * 1024

export interface Stored extends Partial<EntryDraft> {
  key: string
  /** A list of variants instead of a response. */
  isList?: boolean
}

/** An index in `directory` that holds these. */
export async function fillIndex(t: Test, directory: string, entries: readonly Stored[]): Promise<void> {
  const log = (_: string, message: string) => t.fail(message)
  const store = openLmdbStore({ directory, bytesMax: indexBytes, writeQueueBytesMax: 10_000_000, log })
  await Promise.all(entries.map(entry => store.put(entry.key, draftRecord(entry).record)))
  await store.close()
}

/** The key, and what is put under it. */
export function draftRecord({ key, isList, ...draft }: Stored): { key: string; record: Buffer } {
  if (isList) return { key, record: encodeVariants({ variants: [], storedAtMs: draft.storedAtMs ?? 100 }) }
  const record = encodeEntry({
    status: 200,
    flags: 0,
    bornAtMs: 100,
    freshUntilMs: 1_000_000,
    storedAtMs: 100,
    askedAtMs: 100,
    etag: '',
    lastModified: '',
    varyNames: [],
    received: [],
    groups: [],
    tags: [],
    block: Buffer.from('head'),
    notModifiedBytes: 4,
    content: Buffer.from(key.slice(0, 20), 'latin1'),
    ...draft,
  })
  return { key, record }
}

/** Opened as by the keeper; closed at the end of the test. */
export async function indexOf(t: Test, entries: readonly Stored[] = [], directory = t.testdir()) {
  await fillIndex(t, directory, entries)
  const index = new IndexGauge(directory, indexBytes)
  t.teardown(() => index.close())
  return { index, directory, databases: index.open() }
}

/** The keys that are there, in order. */
export function keysOf({ entries, root }: Databases): string[] {
  root.resetReadTxn()
  return [...entries.getKeys({ start: '' })]
}
