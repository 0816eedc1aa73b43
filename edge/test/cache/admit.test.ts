import t from 'tap'
import { type Admission, admit, forget, keep, makeRecord } from '../../cache/admit.js'
import { type Answer, weigh } from '../../cache/answer.js'
import { decodeEntry, type ResponseEntry } from '../../cache/entry.js'
import type { Fill } from '../../cache/fill.js'
import { variantKey, variantOf } from '../../cache/identify.js'
import { Invalidations } from '../../cache/invalidations.js'
import { lookup } from '../../cache/lookup.js'
import { openMemoryStore } from '../../cache/memory.js'
import { Purges } from '../../cache/purges/purges.js'
import { cacheRules } from '../../cache/rules.js'
import type { Store } from '../../cache/store.js'
import { EdgeError } from '../../error.js'
import type { Exchange } from '../../exchange.js'
import { exchangeOf, siteConfig, siteOf } from '../support/exchange.js'

const policy = siteConfig().cache

interface Room extends Admission {
  failures: { error: unknown; key: string }[]
}

function roomOf(more: Partial<Admission> = {}, fillBytesMax = 1_000): Room {
  const failures: Room['failures'] = []
  return {
    store: openMemoryStore({ bytesMax: 1_000_000 }),
    fills: { used: 0, max: fillBytesMax },
    invalidations: new Invalidations(),
    purges: new Purges(),
    objectBytesMax: 100,
    identity: 'naij',
    onVariantsLeft: () => {},
    onFailure: (error, key) => failures.push({ error, key }),
    failures,
    ...more,
  }
}

function answerOf(fields: string[] = [], x: Exchange = exchangeOf()): Answer {
  const request = { scheme: x.scheme, method: x.method, target: '/', fields: x.fields, sentMs: 5_000 }
  return weigh(200, ['Cache-Control', 'max-age=60', ...fields], request, 5_000, cacheRules(policy))
}

function admitted(room: Admission, promised?: number): Fill {
  const fill = admit(room, exchangeOf(), answerOf(), promised)
  if (fill === undefined) throw new Error('nothing was admitted')
  return fill
}

/** A store whose every write is refused. */
function brokenStore(): Store {
  const broken = async () => {
    throw new EdgeError('store-failed', 'no room', { source: 'edge', status: 500 })
  }
  return { ...openMemoryStore({ bytesMax: 0 }), get: () => undefined, put: broken, remove: broken }
}

const refused: [
  row: string,
  fields: string[],
  promised: number | undefined,
  used: number,
  expected: boolean,
][] = [
  ['what may be stored', [], undefined, 0, true],
  ['a body of the greatest size', [], 100, 0, true],
  ['RFC 9111 3 what may not be stored', ['Cache-Control', 'no-store'], undefined, 0, false],
  ['a body that is promised to be too large', [], 101, 0, false],
  ['a body for which there is no room now', [], 50, 951, false],
]
for (const [row, fields, promised, used, expected] of refused) {
  t.test(`admit() ${row}: ${expected}`, async t => {
    const room = roomOf()
    room.fills.used = used
    t.equal(admit(room, exchangeOf(), answerOf(fields), promised) !== undefined, expected)
  })
}

t.test('Fill keeps the order of small and large chunks', async t => {
  const room = roomOf({ objectBytesMax: 100_000 }, 200_000)
  const fill = admitted(room)
  const chunks = Array.from({ length: 1_500 }, (_, i) => Buffer.alloc(i % 400 === 399 ? 2_000 : 3, `${i}.`))
  for (const chunk of chunks) fill.add(chunk)
  await fill.complete()
  const entry = lookup(exchangeOf(), room.store)
  if (typeof entry === 'string') throw new Error(entry)
  t.ok(entry.body.equals(Buffer.concat(chunks)))
  t.equal(room.fills.used, 0)
})

t.test('Fill stores the whole body under the key, and gives its bytes back', async t => {
  const room = roomOf()
  const x = exchangeOf()
  const fill = admitted(room)
  fill.add(Buffer.from('ab'))
  fill.add(Buffer.from('cd'))
  t.ok(fill.isOpen)
  t.equal(room.fills.used, 4)
  await fill.complete()
  const entry = room.store.get(x.key) as ResponseEntry
  t.equal(entry.body.toString(), 'abcd')
  t.match(entry.block.toString(), /^Cache-Control: max-age=60\r\nVia: 1.1 naij\r\nAge$/)
  t.equal(room.fills.used, 0)
  t.notOk(fill.isOpen)
})

t.test('Fill stores an empty body', async t => {
  const room = roomOf()
  await admitted(room).complete()
  t.equal((room.store.get(exchangeOf().key) as ResponseEntry).body.length, 0)
})

const tooMuch: [row: string, sizes: number[], used: number][] = [
  ['it becomes larger than an object may be', [60, 41], 0],
  ['all fills together become larger than they may be', [60, 41], 900],
]
for (const [row, sizes, used] of tooMuch) {
  t.test(`Fill is given up when ${row}`, async t => {
    const room = roomOf()
    room.fills.used = used
    const fill = admitted(room)
    for (const size of sizes) fill.add(Buffer.alloc(size))
    t.notOk(fill.isOpen)
    t.equal(room.fills.used, used)
    fill.add(Buffer.alloc(1))
    await fill.complete()
    fill.discard()
    t.equal(room.fills.used, used, 'what comes late changes nothing')
    t.equal(room.store.status().entries, 0)
  })
}

t.test('Fill.discard() stores nothing', async t => {
  const room = roomOf()
  const fill = admitted(room)
  fill.add(Buffer.alloc(10))
  fill.discard()
  await fill.complete()
  t.equal(room.fills.used, 0)
  t.equal(room.store.status().entries, 0)
})

t.test('a store that fails is reported and fails nothing else', async t => {
  const room = roomOf({ store: brokenStore() })
  const fill = admitted(room)
  fill.add(Buffer.alloc(10))
  await fill.complete()
  await forget(room, 'k')
  await keep(room, exchangeOf(), answerOf(['Vary', 'x']), Buffer.alloc(1))
  t.match(room.failures, [{ error: { code: 'store-failed' } }, { key: 'k' }, { key: exchangeOf().key }])
  t.equal(room.fills.used, 0)
})

t.test('forget() takes an entry out of use', async t => {
  const room = roomOf()
  await keep(room, exchangeOf(), answerOf(), Buffer.from('a'))
  await forget(room, exchangeOf().key)
  t.equal(room.store.status().entries, 0)
})

t.test('makeRecord() works out all that a hit needs', async t => {
  const answer = answerOf(['ETag', '"e"', 'Date', 'Thu, 01 Jan 1970 00:00:03 GMT', 'X', 'y'])
  const entry = decodeEntry(makeRecord(answer, Buffer.from('b'), 'naij')) as ResponseEntry
  t.match(entry, { status: 200, etag: '"e"', bornAtMs: 3_000, freshUntilMs: 63_000, storedAtMs: 5_000 })
  t.equal(
    entry.block.subarray(0, entry.notModifiedBytes).toString(),
    'Cache-Control: max-age=60\r\nETag: "e"\r\nVia',
    'RFC 9110 15.4.5: what a 304 carries stands first',
  )
})

function languages(variantsMax: number) {
  const site = siteOf({ cache: { variantsMax } })
  return (language: string) => exchangeOf({ site, fields: ['accept-language', language] })
}

const found = (x: Exchange, store: Store): string => {
  const entry = lookup(x, store)
  return typeof entry === 'string' ? entry : entry.body.toString()
}

t.test('keep() keeps variants apart, the oldest leaves first (RFC 9111 4.1)', async t => {
  const room = roomOf()
  const asking = languages(2)
  const vary = ['Vary', 'Accept-Language']
  for (const language of ['de', 'fr', 'de', 'it']) {
    await keep(room, asking(language), answerOf(vary), Buffer.from(language))
  }
  t.equal(found(asking('fr'), room.store), 'vary-miss', 'the one stored longest ago is gone')
  t.equal(found(asking('de'), room.store), 'de')
  t.equal(found(asking('it'), room.store), 'it')
  t.equal(room.store.status().entries, 3, 'two variants and their list')
})

t.test('keep() stores a variant before the list that leads to it', async t => {
  const puts: string[] = []
  const memory = openMemoryStore({ bytesMax: 100_000 })
  const store: Store = {
    get: key => memory.get(key),
    put: (key, record) => {
      puts.push(key)
      return memory.put(key, record)
    },
    remove: key => memory.remove(key),
    status: () => memory.status(),
    close: () => memory.close(),
  }
  const x = exchangeOf({ fields: ['a', '1'] })
  await keep(roomOf({ store }), x, answerOf(['Vary', 'a']), Buffer.from('b'))
  const list = memory.get(x.key)
  const generation = list?.kind === 'variants' ? list.generation : ''
  t.strictSame(puts, [variantKey(x.key, generation, variantOf(['a'], x)), x.key])
})
