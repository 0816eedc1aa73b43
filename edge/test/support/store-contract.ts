// What every store promises (store.ts), as one set of tests: memory and LMDB both pass it.
import type { Test } from 'tap'
import type { Entry } from '../../cache/entry.js'
import type { Store } from '../../cache/store.js'
import { encodeVariants } from '../../cache/variants.js'
import { EdgeError } from '../../error.js'
import { bodyOf, faultOf, recordOf } from './store-records.js'

const mebibyte = 1024 * 1024
const long = 'k'.repeat(16 * 1024)

/** Keys that must not be taken for one another. */
const keys: [string, string][] = [
  ['one byte', 'a'],
  ['empty', ''],
  ['zeros', '\0\0'],
  ['one zero more', '\0\0\0'],
  ['every byte', Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')],
  ['high bytes', '\xff\xfe\xfd'],
  ['a prefix', 'https\0shop\0/a'],
  ['the prefix and more', 'https\0shop\0/a/b'],
  ['longest plain', 'k'.repeat(1_000)],
  ['first hashed', 'k'.repeat(1_001)],
  ['16 KiB', long],
  ['16 KiB, last byte differs', `${long.slice(0, -1)}j`],
]

/** Runs the contract over the stores that `open` makes; `open` gets a test to take its directory from. */
export function storeContract(t: Test, open: (t: Test) => Store): void {
  t.test('get() of an absent key is undefined', async t => {
    const store = opened(t, open)
    t.equal(store.get('nothing'), undefined)
    t.equal(store.status().entries, 0)
  })

  t.test('put() is seen by get() once it resolves, replaced by the next, gone after remove()', async t => {
    const store = opened(t, open)
    await store.put('a', recordOf('a', 100))
    t.equal(faultOf('a', store.get('a')), '')
    await store.put('a', recordOf('a', 50))
    t.equal(bodyBytes(store.get('a')), 50)
    t.equal(store.status().entries, 1)
    await store.remove('a')
    t.equal(store.get('a'), undefined)
    await store.remove('a')
    t.equal(store.status().entries, 0)
  })

  t.test('put() and remove() of one key apply in the order of the calls', async t => {
    const store = opened(t, open)
    await Promise.all([store.put('a', recordOf('a', 9)), store.remove('a'), store.put('a', recordOf('a', 7))])
    t.equal(bodyBytes(store.get('a')), 7)
    await Promise.all([store.put('a', recordOf('a', 9)), store.remove('a')])
    t.equal(store.get('a'), undefined)
    t.equal(store.status().entries, 0)
  })

  t.test('put() keeps empty, small and 1 MiB bodies', async t => {
    const store = opened(t, open)
    for (const bytes of [0, 1, 1_900, 2_100, 4_064, 70_000, mebibyte]) {
      await store.put(`b${bytes}`, recordOf(`b${bytes}`, bytes))
      t.equal(faultOf(`b${bytes}`, store.get(`b${bytes}`)), '', `${bytes}`)
    }
  })

  t.test('keys of any bytes and length up to 16 KiB are kept apart', async t => {
    const store = opened(t, open)
    await Promise.all(keys.map(([, key], i) => store.put(key, recordOf(key, 10 + i))))
    for (const [i, [name, key]] of keys.entries()) {
      t.equal(faultOf(key, store.get(key)), '', name)
      t.equal(bodyBytes(store.get(key)), 10 + i, name)
    }
    await store.remove(long)
    t.equal(store.get(long), undefined)
    t.equal(store.status().entries, keys.length - 1)
  })

  t.test('views of one entry stay right until the next get(), whatever was read before', async t => {
    const store = opened(t, open)
    await store.put('large', recordOf('large', 300_000))
    await store.put('small', recordOf('small', 20))
    store.get('large')
    const small = store.get('small')
    if (small?.kind !== 'response') throw new Error('absent')
    t.equal(small.body.length, 20)
    t.equal(small.bytes.length, recordOf('small', 20).length)
    t.ok(Buffer.concat([small.body]).equals(bodyOf('small', 20)), 'copied by its length')
    t.equal(small.body.toString('latin1').length, 20)
    t.equal(small.etag, '"5-20"')
    t.strictSame(small.received, ['Content-Type', 'text/plain'])
    await store.put('other', recordOf('other', 4_000))
    t.equal(faultOf('other', store.get('other')), '')
  })

  t.test('a variants record comes back as one', async t => {
    const store = opened(t, open)
    const variants = ['1', '2'].map(id => ({ varyNames: ['accept-encoding'], id, languages: '', rest: '' }))
    const draft = { generation: 'g', variants, storedAtMs: 5 }
    await store.put('v', encodeVariants(draft))
    t.strictSame(store.get('v'), { kind: 'variants', ...draft })
  })

  t.test('a record that cannot be read is absent, and removed', async t => {
    const store = opened(t, open)
    await store.put('bad', Buffer.from('no record at all, but long enough to hold a whole prologue of one'))
    await store.put('empty', Buffer.alloc(0))
    t.equal(store.get('bad'), undefined)
    t.equal(store.get('empty'), undefined)
    await store.put('good', recordOf('good', 1))
    t.equal(store.status().entries, 1)
  })

  t.test('status() counts entries, and bytes at least of their bodies', async t => {
    const store = opened(t, open)
    for (let i = 0; i < 20; i++) await store.put(`s${i}`, recordOf(`s${i}`, 5_000))
    const { entries, bytes } = store.status()
    t.equal(entries, 20)
    t.ok(bytes >= 100_000 && bytes < 400_000, `${bytes}`)
  })

  t.test('put() refuses what is larger than the store', async t => {
    const store = opened(t, open)
    const refused = await store.put('huge', Buffer.alloc(40 * mebibyte)).catch((error: unknown) => error)
    t.match(refused, { source: 'edge', status: 500 })
    t.ok(refused instanceof EdgeError)
    t.equal(store.get('huge'), undefined)
  })

  t.test('close() finishes what was begun, and may be called twice', async t => {
    const store = open(t)
    const put = store.put('a', recordOf('a', 10))
    await store.close()
    await put
    await store.close()
  })
}

function opened(t: Test, open: (t: Test) => Store): Store {
  const store = open(t)
  t.teardown(() => store.close())
  return store
}

function bodyBytes(entry: Entry | undefined): number | undefined {
  return entry?.kind === 'response' ? entry.body.length : undefined
}
