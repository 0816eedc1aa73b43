import t from 'tap'
import { variantKey, variantOf } from '../../cache/identify.js'
import { fetchKey, lookup } from '../../cache/lookup.js'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'
import { encodeVariants, type Variant } from '../../cache/variants.js'
import type { Exchange } from '../../exchange.js'
import { exchangeOf, siteOf } from '../support/exchange.js'
import { faultOf, recordOf } from '../support/store-records.js'

const key = 'http play play.example/a'
const generation = 'g'

function storeOf() {
  return openMemoryStore({ bytesMax: 1_000_000 })
}

function asking(...fields: string[]): Exchange {
  return exchangeOf({ key, fields })
}

/** What a request with these fields got, stored after what is there already. */
interface Given {
  varyNames: string[]
  fields?: string[]
  languages?: string
  rest?: string
}

function variantFor({ varyNames, fields = [], languages = '', rest = '' }: Given): Variant {
  return { varyNames, id: variantOf(varyNames, asking(...fields)), languages, rest }
}

/** A store that holds these variants of the URL; the size of a body is its place, counted from 1. */
async function storing(...given: Given[]): Promise<Store> {
  const store = storeOf()
  const variants = given.map(variantFor)
  for (const [index, { id }] of variants.entries()) {
    const place = variantKey(key, generation, id)
    await store.put(place, recordOf(place, index + 1))
  }
  await store.put(key, encodeVariants({ generation, variants, storedAtMs: 1 }))
  return store
}

/** Which of them is found, counted from 1; 0 for a vary-miss. */
function foundIn(store: Store, x: Exchange): number {
  const found = lookup(x, store)
  if (found === 'uri-miss') throw new Error(found)
  return found === 'vary-miss' ? 0 : found.body.length
}

t.test('lookup() finds nothing', async t => {
  const x = asking()
  t.equal(lookup(x, storeOf()), 'uri-miss')
  t.equal(x.storedKey, '')
})

t.test('lookup() finds the response under the key with one look, and says where it is', async t => {
  const store = storeOf()
  await store.put(key, recordOf(key, 100))
  let looks = 0
  const counting: Store = Object.assign(Object.create(store), {
    get: (key: string) => {
      looks += 1
      return store.get(key)
    },
  })
  const x = asking()
  const found = lookup(x, counting)
  t.equal(typeof found === 'string' ? found : faultOf(key, found), '')
  t.equal(x.storedKey, key)
  t.equal(looks, 1)
})

t.test('lookup() finds the variant that the request selects (RFC 9111 4.1)', async t => {
  const store = await storing({ varyNames: ['a'], fields: ['a', '1'] })
  const x = asking('a', '1')
  const found = lookup(x, store)
  const place = variantKey(key, generation, variantOf(['a'], x))
  t.equal(typeof found === 'string' ? found : faultOf(place, found), '')
  t.equal(x.storedKey, place)
  const other = asking('a', '2')
  t.equal(lookup(other, store), 'vary-miss')
  t.equal(other.storedKey, '', 'nothing was found, so there is nothing to take out of use')
})

const a1 = { varyNames: ['a'], fields: ['a', '1'] }
const b1 = { varyNames: ['b'], fields: ['b', '1'] }
const everybody = { varyNames: [] }
const sets: [row: string, stored: Given[], fields: string[], expected: number][] = [
  ['each by its own Vary', [a1, b1], ['a', '1', 'b', '2'], 1],
  ['each by its own Vary', [a1, b1], ['a', '2', 'b', '1'], 2],
  ['of several the one stored last', [a1, b1], ['a', '1', 'b', '1'], 2],
  ['of several the one stored last', [b1, a1], ['a', '1', 'b', '1'], 2],
  ['none', [a1, b1], ['a', '2', 'b', '2'], 0],
  ['one without Vary is for everybody', [everybody, a1], ['a', '2'], 1],
  ['but not before a younger one', [everybody, a1], ['a', '1'], 2],
  ['one Vary within another', [a1, { varyNames: ['a', 'b'], fields: ['a', '1', 'b', '1'] }], ['a', '1'], 1],
  ['absent matches absent', [{ varyNames: ['a'] }], ['b', '1'], 1],
  ['absent matches absent only', [{ varyNames: ['a'] }], ['a', ''], 0],
  ['present does not match absent', [{ varyNames: ['a'], fields: ['a', ''] }], [], 0],
]
for (const [row, stored, fields, expected] of sets) {
  t.test(`lookup() RFC 9111 4.1 ${row} [${fields}]: ${expected}`, async t => {
    t.equal(foundIn(await storing(...stored), asking(...fields)), expected)
  })
}

function inLanguage(asked: string, languages: string, more: Partial<Given> = {}): Given {
  return { varyNames: ['accept-language'], fields: ['accept-language', asked], languages, ...more }
}
const x1 = { varyNames: ['accept-language', 'x'], rest: variantOf(['x'], asking('x', '1')) }
const german = inLanguage('de', 'de', { ...x1, fields: ['accept-language', 'de', 'x', '1'] })
const both = [inLanguage('fr', 'fr'), inLanguage('en', 'en')]
const languages: [row: string, stored: Given[], fields: string[], expected: number][] = [
  ['the best of those stored', both, ['accept-language', 'fr;q=0.5, en'], 2],
  ['the best of those stored', both, ['accept-language', 'en;q=0.5, fr'], 1],
  ['only the best', [both[0]], ['accept-language', 'fr;q=0.5, en'], 0],
  ['one of several best: the last', both, ['accept-language', 'fr, en, da'], 2],
  ['a range admits what it begins', [inLanguage('en', 'en-gb')], ['accept-language', 'en, fr;q=0.1'], 1],
  ['none is asked for', both, [], 0],
  ['all are excluded', both, ['accept-language', 'en;q=0, fr;q=0'], 0],
  ['not lawful', both, ['accept-language', 'en, !'], 0],
  ['lines are joined', both, ['accept-language', 'fr;q=0.5', 'accept-language', 'en'], 2],
  [
    'RFC 9110 7.6.1 what Connection strips',
    both,
    ['accept-language', 'en', 'connection', 'accept-language'],
    0,
  ],
  ['by the same text, whatever its language', [inLanguage('nl', 'en')], ['accept-language', 'NL'], 1],
  ['by the same text, without language', [inLanguage('nl', '')], ['accept-language', 'nl'], 1],
  ['what else selects must match', [german], ['accept-language', 'de, en;q=0.1', 'x', '1'], 1],
  ['what else selects must match', [german], ['accept-language', 'de, en;q=0.1', 'x', '2'], 0],
]
for (const [row, stored, fields, expected] of languages) {
  t.test(`lookup() RFC 4647 3.4 ${row} [${fields}]: ${expected}`, async t => {
    t.equal(foundIn(await storing(...stored), asking(...fields)), expected)
  })
}

t.test('lookup() takes what is gone, or no response, for absent, and the next best instead', async t => {
  const store = await storing(everybody, a1, b1)
  const x = asking('a', '1', 'b', '1')
  t.equal(foundIn(store, x), 3)
  await store.remove(variantKey(key, generation, variantOf(['b'], x)))
  t.equal(foundIn(store, x), 2)
  const list = encodeVariants({ variants: [], storedAtMs: 1 })
  await store.put(variantKey(key, generation, variantOf(['a'], x)), list)
  t.equal(foundIn(store, x), 1)
  await store.remove(variantKey(key, generation, ''))
  t.equal(foundIn(store, x), 0)
})

t.test('lookup() finds nothing that the list does not name, or that another list led to', async t => {
  const store = await storing(a1)
  const x = asking('a', '2')
  const id = variantOf(['a'], x)
  for (const older of [generation, 'older']) {
    const place = variantKey(key, older, id)
    await store.put(place, recordOf(place, 9))
  }
  t.equal(foundIn(store, x), 0)
  const variants = [{ varyNames: ['a'], id, languages: '', rest: '' }]
  await store.put(key, encodeVariants({ generation: 'newer', variants, storedAtMs: 2 }))
  t.equal(foundIn(store, x), 0)
})

t.test('fetchKey() is the key itself until the URL is known to vary', async t => {
  const store = storeOf()
  t.equal(fetchKey(asking('a', '1'), store, 'vary-miss'), key)
  await store.put(key, recordOf(key, 1))
  t.equal(fetchKey(asking('a', '1'), store, 'vary-miss'), key)
  t.equal(fetchKey(asking(), await storing(), 'vary-miss'), key, 'a list without variants says nothing')
})

t.test('fetchKey() is one for all who select the same by the last Vary', async t => {
  const store = await storing(b1, a1)
  const of = (...fields: string[]) => fetchKey(asking(...fields), store, 'vary-miss')
  t.equal(of('a', '2', 'b', '1'), of('a', '2', 'b', '2'))
  t.not(of('a', '2'), of('a', '3'))
  t.not(of('a', '2'), key)
})

t.test('fetchKey() keeps apart what key fields keep apart, before anything is stored', async t => {
  const site = siteOf({ cache: { keyFields: ['x-country'] } })
  const of = (country: string) => exchangeOf({ key, site, fields: ['x-country', country] })
  t.not(fetchKey(of('de'), storeOf(), 'uri-miss'), fetchKey(of('fr'), storeOf(), 'uri-miss'))
  t.equal(fetchKey(of('de'), storeOf(), 'uri-miss'), fetchKey(of('de'), storeOf(), 'uri-miss'))
})
