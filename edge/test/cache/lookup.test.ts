import t from 'tap'
import { encodeVariants } from '../../cache/entry.js'
import { variantKey, variantOf } from '../../cache/identify.js'
import { lookup } from '../../cache/lookup.js'
import { openMemoryStore } from '../../cache/memory.js'
import { exchangeOf } from '../support/exchange.js'
import { faultOf, recordOf } from '../support/store-records.js'

const key = 'http play play.example/a'
const varyNames = ['accept-language']
const german = () => exchangeOf({ key, fields: ['accept-language', 'de'] })
const french = () => exchangeOf({ key, fields: ['accept-language', 'fr'] })

function storeOf() {
  return openMemoryStore({ bytesMax: 1_000_000 })
}

t.test('lookup() finds nothing', async t => {
  const x = exchangeOf({ key })
  t.equal(lookup(x, storeOf()), 'uri-miss')
  t.equal(x.storedKey, '')
})

t.test('lookup() finds the response under the key and says where it is', async t => {
  const store = storeOf()
  await store.put(key, recordOf(key, 100))
  const x = exchangeOf({ key })
  const found = lookup(x, store)
  t.equal(typeof found === 'string' ? found : faultOf(key, found), '')
  t.equal(x.storedKey, key)
})

t.test('lookup() finds the variant that the request selects (RFC 9111 4.1)', async t => {
  const store = storeOf()
  const name = variantOf(varyNames, german())
  const place = variantKey(key, name)
  await store.put(place, recordOf(place, 100))
  await store.put(key, encodeVariants({ varyNames, variants: [name], storedAtMs: 1 }))
  const x = german()
  const found = lookup(x, store)
  t.equal(typeof found === 'string' ? found : faultOf(place, found), '')
  t.equal(x.storedKey, place)
  const other = french()
  t.equal(lookup(other, store), 'vary-miss')
  t.equal(other.storedKey, '', 'nothing was found, so there is nothing to take out of use')
})

t.test('lookup() takes a variant that is no response for absent', async t => {
  const store = storeOf()
  const list = encodeVariants({ varyNames, variants: ['x'], storedAtMs: 1 })
  await store.put(key, list)
  await store.put(variantKey(key, variantOf(varyNames, german())), list)
  t.equal(lookup(german(), store), 'vary-miss')
})
