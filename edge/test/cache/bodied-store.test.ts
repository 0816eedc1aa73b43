import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openStore } from '../../cache/bodied-store.js'
import { decodeEntry, type ResponseEntry } from '../../cache/entry.js'
import { writeBody } from '../../cache/place-body.js'
import { encodeHeader } from '../../cache/segments/header.js'
import type { Place } from '../../cache/segments/segments.js'
import type { Store } from '../../cache/store.js'
import { isThere } from '../../cache/store.js'
import { needsAddon } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { recordWith } from '../support/store-records.js'
import { bodyOf, mebibyte } from './segments/support.js'

function openAt(directory: string, more: { hotBytesMax?: number; bytesMax?: number } = {}): Store {
  return openStore({
    directory,
    bytesMax: 64 * mebibyte,
    writeQueueBytesMax: mebibyte,
    diskReadsMax: 2,
    evictedReadMaxMs: 1_000,
    closeTimeoutMs: 60_000,
    workers: 1,
    log: () => {},
    ...more,
  })
}

async function put(store: Store, key: string, bytes: number): Promise<Place> {
  const place = await writeBody(store.bodies!.segments, bodyOf(key, bytes))
  await store.put(key, recordWith(place))
  return place
}

function response(store: Store, key: string): ResponseEntry | undefined {
  const entry = store.get(key)
  return entry?.kind === 'response' ? entry : undefined
}

function segmentsIn(directory: string): string[] {
  const names = readdirSync(join(directory, 'segments')).filter(name => name.endsWith('.segment'))
  return names.map(name => join(directory, 'segments', name))
}

function closing(t: Test, store: Store): Store {
  t.teardown(() => store.close())
  return store
}

t.test('an entry says where its body is, after a restart too', needsAddon, async t => {
  const directory = t.testdir({})
  const store = openAt(directory)
  const place = await put(store, 'k', 100_000)
  t.match(response(store, 'k'), { place, bodyBytes: 100_000, isAtHand: false })
  t.ok(store.status().bytes >= 100_000, 'segments count')
  await store.close()
  const again = closing(t, openAt(directory))
  const into = Buffer.alloc(100_000)
  t.match(response(again, 'k'), { place })
  t.equal(await again.bodies!.segments.readLater(place, 0, into), 100_000)
  t.ok(into.equals(bodyOf('k', 100_000)))
  t.equal(isThere(again, response(again, 'k')!), true)
})

t.test('a body that is asked for again and again is kept in memory', needsAddon, async t => {
  const store = closing(t, openAt(t.testdir({}), { hotBytesMax: 64 * mebibyte }))
  for (const [key, bytes] of [
    ['small', 10_000],
    ['large', 2 * mebibyte],
  ] as const) {
    await put(store, key, bytes)
    for (let turn = 0; turn < 4; turn += 1) response(store, key)
    const isSmall = key === 'small'
    await until(() => response(store, key)?.isAtHand === isSmall)
    if (isSmall) t.ok(response(store, key)!.body.equals(bodyOf(key, bytes)))
  }
})

t.test('an entry whose segment is gone is absent, and leaves', needsAddon, async t => {
  const directory = t.testdir({})
  const store = openAt(directory)
  await put(store, 'k', 100_000)
  const kept = decodeEntry(Buffer.from(response(store, 'k')!.bytes)) as ResponseEntry
  await store.close()
  for (const path of segmentsIn(directory)) rmSync(path)
  const again = closing(t, openAt(directory))
  t.equal(isThere(again, kept), false)
  t.equal(response(again, 'k'), undefined)
  await until(() => again.status().entries === 0)
})

t.test('after the machine went down a body is checked before it is used', needsAddon, async t => {
  const directory = t.testdir({})
  const store = openAt(directory)
  const places: Record<string, Place> = {}
  for (const [key, bytes] of [
    ['sound', 100_000],
    ['damaged', 100_000],
    ['large', 2 * mebibyte],
    ['large damaged', 2 * mebibyte],
  ] as const) {
    places[key] = await put(store, key, bytes)
  }
  await store.close()
  for (const path of segmentsIn(directory)) {
    const bytes = readFileSync(path)
    const id = bytes.readUIntLE(16, 6)
    encodeHeader({ id, bootId: '0'.repeat(32), createdMs: 1 }).copy(bytes)
    for (const key of ['damaged', 'large damaged']) {
      if (places[key].segment === id) bytes[places[key].extents[0][0] + 50_000] ^= 1
    }
    writeFileSync(path, bytes)
  }
  const again = closing(t, openAt(directory))
  t.match(response(again, 'sound'), { place: places.sound })
  t.equal(response(again, 'damaged'), undefined)
  t.equal(response(again, 'large'), undefined, 'not until that is known')
  await until(() => response(again, 'large') !== undefined)
  t.equal(response(again, 'large damaged'), undefined)
  await until(() => again.status().entries === 2)
})

t.test('the oldest segments leave when all take more than their share', needsAddon, async t => {
  const directory = t.testdir({})
  const store = closing(t, openAt(directory, { bytesMax: 16 * mebibyte }))
  for (let at = 0; at < 40; at += 1) await put(store, `${at}`, 700_000)
  await until(() => store.status().bytes <= 16 * mebibyte)
  t.ok(response(store, '39'))
  t.equal(response(store, '0'), undefined)
})

t.test('close() waits for what is being written, and for nothing that never ends', needsAddon, async t => {
  const directory = t.testdir({})
  const store = openAt(directory)
  const segments = store.bodies!.segments
  const stored = (async () =>
    store.put('late', recordWith(await writeBody(segments, bodyOf('late', 300_000)))))()
  segments.begin(undefined)?.append(Buffer.alloc(10))
  await store.close()
  await stored
  const again = closing(t, openAt(directory))
  t.equal(response(again, 'late')?.bodyBytes, 300_000)
  await again.remove('late')
  again.refresh?.(['late'])
  t.equal(response(again, 'late'), undefined)
})
