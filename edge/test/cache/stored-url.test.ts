import t from 'tap'
import { keyPrefix, variantKey } from '../../cache/identify.js'
import { storedKey } from '../../cache/key-bytes.js'
import { blockKey, newSliceMap } from '../../cache/slices.js'
import { readStoredKey } from '../../cache/stored-url.js'

t.test('readStoredKey() reads what identify() made', async t => {
  const key = `${keyPrefix('http', 'play', 'a.example:81', ['x-b', 'x-a'])}/one?two three`
  const url = 'http://a.example:81/one?two three'
  const own = { site: 'play', key, url, variant: undefined, block: undefined, isBeginning: false }
  t.strictSame(readStoredKey(key), own)
  t.strictSame(readStoredKey(variantKey(key, 'g', 'accept=x')), { ...own, variant: 'g\naccept=x' })
  const map = newSliceMap(10, 5)
  t.strictSame(readStoredKey(blockKey(key, map, 1)), { ...own, block: `${map.id}:1` })
  t.match(readStoredKey(`${keyPrefix('http', 'play', 'a.example')}/`), { url: 'http://a.example/' })
  t.match(readStoredKey(`${keyPrefix('https', 'play', 'a.example')}/`), { url: 'https://a.example/' })
})

t.test(
  'readStoredKey() knows the beginning of a long key, and whole that of a variant of a shorter one',
  async t => {
    const long = `${keyPrefix('http', 'play', 'a.example')}/${'x'.repeat(2_000)}`
    t.match(readStoredKey(storedKey(long)), { site: 'play', key: long.slice(0, 969), isBeginning: true })
    const key = long.slice(0, 950)
    const read = readStoredKey(storedKey(variantKey(key, 'g', 'v'.repeat(200))))
    t.match(read, { key, isBeginning: false })
  },
)

t.test('readStoredKey() has nothing of groups and of the empty key', async t => {
  t.equal(readStoredKey(`${keyPrefix('http', 'play', 'a.example')}\0group red`), undefined)
  t.equal(readStoredKey(storedKey('')), undefined)
})
