import t from 'tap'
import { encodeEntry } from '../../cache/entry.js'
import { variantOf } from '../../cache/identify.js'
import { keepVariant } from '../../cache/keep-variant.js'
import { removeEntry } from '../../cache/latest.js'
import { lookup } from '../../cache/lookup.js'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'
import type { Exchange } from '../../exchange.js'
import { exchangeOf, siteOf } from '../support/exchange.js'

const site = siteOf({ cache: { variantsMax: 3 } })

function storeOf(): Store {
  return openMemoryStore({ bytesMax: 1_000_000 })
}

function asking(...fields: string[]): Exchange {
  return exchangeOf({ site, fields })
}

function recordOf(text: string, received: string[] = []): Buffer {
  return encodeEntry({
    status: 200,
    flags: 0,
    bornAtMs: 1,
    freshUntilMs: 2,
    storedAtMs: 1,
    askedAtMs: 1,
    groups: [],
    tags: [],
    etag: '',
    lastModified: '',
    varyNames: [],
    received,
    block: Buffer.alloc(0),
    notModifiedBytes: 0,
    content: Buffer.from(text),
  })
}

/** Stores `text` as the answer to a request with these fields; resolves with how many had to leave. */
function keep(store: Store, varyNames: string[], fields: string[], text: string): Promise<number> {
  return keepVariant(store, asking(...fields), varyNames, recordOf(text), 5)
}

function found(store: Store, ...fields: string[]): string {
  const entry = lookup(asking(...fields), store)
  return typeof entry === 'string' ? entry : entry.body.toString()
}

function listOf(store: Store) {
  const list = store.get(asking().key)
  if (list?.kind !== 'variants') throw new Error('no list')
  return list
}

t.test('keepVariant() keeps what does not vary as one record under the key', async t => {
  const store = storeOf()
  await keep(store, [], ['a', '1'], 'plain')
  t.equal(store.get(asking().key)?.kind, 'response')
  t.equal(store.status().entries, 1)
})

t.test('keepVariant() keeps responses with other Varys side by side (RFC 9111 4.1)', async t => {
  const store = storeOf()
  await keep(store, ['a'], ['a', '1'], 'by a')
  await keep(store, ['b'], ['b', '1'], 'by b')
  t.equal(found(store, 'a', '1'), 'by a')
  t.equal(found(store, 'b', '1'), 'by b')
  t.strictSame(
    listOf(store).variants.map(({ varyNames }) => varyNames),
    [['a'], ['b']],
  )
})

t.test('keepVariant() makes what is stored again the youngest', async t => {
  const store = storeOf()
  await keep(store, ['a'], ['a', '1'], 'by a')
  await keep(store, ['b'], ['b', '1'], 'by b')
  t.equal(found(store, 'a', '1', 'b', '1'), 'by b')
  await keep(store, ['a'], ['a', '1'], 'by a again')
  t.equal(found(store, 'a', '1', 'b', '1'), 'by a again')
  t.equal(listOf(store).variants.length, 2)
})

t.test('keepVariant() lets the oldest go beyond variantsMax, whatever they vary on', async t => {
  const store = storeOf()
  const left: number[] = []
  for (const [name, value] of ['a1', 'b1', 'a2', 'b2', 'a1']) {
    left.push(await keep(store, [name], [name, value], `${name}${value}`))
  }
  t.strictSame(left, [0, 0, 0, 1, 1])
  t.strictSame(
    listOf(store).variants.map(({ id }) => id),
    ['a2', 'b2', 'a1'].map(([name, value]) => variantOf([name], asking(name, value))),
  )
  t.equal(store.status().entries, 4, 'the records of those that left are gone')
})

t.test('keepVariant() lets the oldest Vary go, with all that varies by it', async t => {
  const many = siteOf({ cache: { variantsMax: 100 } })
  const store = storeOf()
  const store1 = (name: string, value: string) =>
    keepVariant(store, exchangeOf({ site: many, fields: [name, value] }), [name], recordOf(name), 5)
  for (const value of ['1', '2']) await store1('a', value)
  for (const name of ['b', 'c', 'd']) t.equal(await store1(name, '1'), 0)
  t.equal(await store1('e', '1'), 2)
  t.equal(listOf(store).variants.length, 4)
  t.equal(store.status().entries, 5)
})

t.test('keepVariant() keeps what was for everybody until nobody selects it any more', async t => {
  const store = storeOf()
  await keep(store, [], [], 'plain')
  await keep(store, ['a'], ['a', '1'], 'by a')
  t.equal(found(store, 'a', '1'), 'by a')
  t.equal(found(store, 'a', '2'), 'plain')
  await keep(store, [], ['a', '2'], 'plain again')
  for (const value of ['1', '2']) t.equal(found(store, 'a', value), 'plain again')
  t.equal(store.status().entries, 1)
})

t.test('keepVariant() does not keep what was for everybody when there is room for one only', async t => {
  const one = siteOf({ cache: { variantsMax: 1 } })
  const store = storeOf()
  await keep(store, [], [], 'plain')
  const left = await keepVariant(store, exchangeOf({ site: one }), ['a'], recordOf('by a'), 5)
  t.equal(left, 1)
  t.equal(store.status().entries, 2)
  t.equal(found(store, 'a', '1'), 'vary-miss')
})

t.test('keepVariant() begins a list of another generation after the old one was removed', async t => {
  const store = storeOf()
  await keep(store, ['a'], ['a', '1'], 'before')
  const { generation } = listOf(store)
  await store.remove(asking().key)
  await keep(store, ['a'], ['a', '2'], 'after')
  t.not(listOf(store).generation, generation)
  t.equal(found(store, 'a', '1'), 'vary-miss')
})

t.test('keepVariant() loses nothing when several are stored at once', async t => {
  const store = later(storeOf())
  await Promise.all(['1', '2', '3'].map(value => keep(store, ['a'], ['a', value], value)))
  for (const value of ['1', '2', '3']) t.equal(found(store, 'a', value), value)
})

t.test('keepVariant() brings nothing back whose removal is on its way', async t => {
  const store = later(storeOf())
  await keep(store, ['a'], ['a', '1'], 'before')
  await Promise.all([removeEntry(store, asking().key), keep(store, ['a'], ['a', '2'], 'after')])
  t.equal(found(store, 'a', '1'), 'vary-miss')
  t.equal(found(store, 'a', '2'), 'after')
})

t.test('keepVariant() notes the languages of what is selected by Accept-Language', async t => {
  const store = storeOf()
  const german = recordOf('de', ['Content-Language', 'de', 'content-language', 'DE-at'])
  const fields = ['accept-language', 'de', 'a', '1']
  await keepVariant(store, asking(...fields), ['a', 'accept-language'], german, 5)
  await keepVariant(store, asking(...fields), ['a'], german, 5)
  t.match(listOf(store).variants, [
    { languages: 'de,de-at', rest: variantOf(['a'], asking(...fields)) },
    { languages: '', rest: '' },
  ])
  t.equal(found(store, 'accept-language', 'de-AT, en;q=0.5', 'a', '1'), 'de')
})

t.test('keepVariant() rejects when the store does', async t => {
  const store = Object.assign(Object.create(storeOf()), { put: () => Promise.reject(new Error('busy')) })
  for (const varyNames of [[], ['a']]) await t.rejects(keep(store, varyNames, [], 'x'), { message: 'busy' })
})

/** A store that shows no write in the turn in which it is asked for it. */
function later(store: Store): Store {
  let done = Promise.resolve()
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    done = done.then(() => new Promise(resolve => setImmediate(resolve))).then(write)
    return done
  }
  return {
    get: key => store.get(key),
    put: (key, record) => inTurn(() => store.put(key, record)),
    remove: key => inTurn(() => store.remove(key)),
    status: () => store.status(),
    close: () => store.close(),
  }
}
