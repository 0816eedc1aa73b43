import t from 'tap'
import { isUndamaged } from '../../../cache/checksum.js'
import { readValue, transactNow } from '../../../cache/databases.js'
import { decodeEntry, type ResponseEntry } from '../../../cache/entry.js'
import { storedKey } from '../../../cache/key-bytes.js'
import { noDrops, strike, strikeUrl } from '../../../cache/purges/drop.js'
import { indexOf, keysOf } from '../../support/purged-index.js'

const url = 'http a h/one'

t.test('strikeUrl() leaves what is younger than the purge, and lists that are', async t => {
  const { databases } = await indexOf(t, [
    { key: url, isList: true, storedAtMs: 300 },
    { key: `${url}\ng\nold`, fence: 4 },
    { key: `${url}\ng\nnew`, fence: 5 },
  ])
  const counts = noDrops()
  const rule = { kind: 'url', site: 'a', item: url, isSoft: false, atMs: 200, sequence: 5 } as const
  transactNow(databases, false, () => strikeUrl(databases, rule, counts))
  t.strictSame(counts, { removed: 1, softened: 0, keys: [`${url}\ng\nold`] })
  t.strictSame(keysOf(databases), [url, `${url}\ng\nnew`])
  transactNow(databases, false, () => strikeUrl(databases, { ...rule, atMs: 400 }, counts))
  t.strictSame(keysOf(databases), [`${url}\ng\nnew`], 'a list that is older goes')
})

t.test('a soft purge writes what is there again as stale, sound and in its place', async t => {
  const { databases } = await indexOf(t, [
    { key: url, fence: 1 },
    { key: `${url}\ng\nv`, isList: true },
  ])
  const counts = noDrops()
  const rule = { kind: 'url', site: 'a', item: url, isSoft: true, atMs: 200, sequence: 5 } as const
  transactNow(databases, false, () => strikeUrl(databases, rule, counts))
  t.strictSame(counts, { removed: 0, softened: 1, keys: [url] })
  const value = readValue(databases, url) as Buffer
  const record = Buffer.from(value.subarray(0, value.length))
  t.ok(isUndamaged(record, record.length, url))
  const entry = decodeEntry(record) as ResponseEntry
  t.match(entry, { freshUntilMs: 200, fence: 5 })
  t.equal(entry.body.toString(), url)
  t.equal(keysOf(databases).length, 2)
  t.equal([...databases.order.getKeys({ start: '' })].length, 2)
})

t.test('a long URL goes itself; its variants are the matter of the sweep', async t => {
  const long = `http a h/${'x'.repeat(1_500)}`
  const { databases } = await indexOf(t, [{ key: long }, { key: `${long}\ng\nv` }])
  const counts = noDrops()
  const rule = { kind: 'url', site: 'a', item: long, isSoft: false, atMs: 200, sequence: 5 } as const
  transactNow(databases, false, () => strikeUrl(databases, rule, counts))
  t.strictSame(keysOf(databases), [storedKey(`${long}\ng\nv`)])
})

t.test('strike() does nothing to what is not there', async t => {
  const { databases } = await indexOf(t)
  const counts = noDrops()
  transactNow(databases, false, () =>
    strike(databases, 'none', { kind: 'gone', atMs: 1, sequence: 1 }, counts),
  )
  t.strictSame(counts, noDrops())
})
