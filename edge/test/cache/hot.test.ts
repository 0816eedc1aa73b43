import t from 'tap'
import { decodeEntry, encodeEntry, type ResponseEntry } from '../../cache/entry.js'
import { HotTable } from '../../cache/hot.js'

function entry(bodyBytes: number, fill = 1): ResponseEntry {
  return decodeEntry(
    encodeEntry({
      status: 200,
      flags: 0,
      bornAtMs: 1,
      freshUntilMs: 2,
      storedAtMs: 1,
      askedAtMs: 0,
      groups: [],
      tags: [],
      etag: '',
      lastModified: '',
      varyNames: [],
      received: [],
      block: Buffer.from('Age'),
      notModifiedBytes: 0,
      content: Buffer.alloc(bodyBytes, fill),
    }),
  ) as ResponseEntry
}

const seen = (transaction: number) => ({ transaction, checkedMs: 0, slot: 1, generation: 2 })

function offer(table: HotTable, key: string, read: ResponseEntry, transaction: number): void {
  table.offer(key, read, read.recordBytes, seen(transaction))
}

/** Offers twice: when the table is full the first reading only leaves a mark. */
function keep(table: HotTable, key: string, bodyBytes: number): void {
  offer(table, key, entry(bodyBytes), 1)
  offer(table, key, entry(bodyBytes), 1)
}

t.test(
  'offer() copies what is read while there is room, and later what is read for the second time',
  async t => {
    const table = new HotTable(8_000)
    const read = entry(10, 7)
    const kept = table.offer('a', read, read.recordBytes, seen(5))
    t.equal(kept, table.get('a')?.entry)
    for (let i = 0; i < 20; i += 1) offer(table, `once ${i}`, entry(1), 1)
    t.ok(table.get('a'), 'it is full')
    t.equal(table.offer('b', read, read.recordBytes, seen(5)), read)
    t.equal(table.get('b'), undefined)
    offer(table, 'b', read, 5)
    t.ok(table.get('b'))
    offer(table, 'a', read, 5)
    offer(table, 'a', read, 5)
    t.match(table.get('a'), { transaction: 5, isWanted: false })
    read.body.fill(0)
    t.strictSame(
      (table.get('a') as { entry: ResponseEntry }).entry.body,
      Buffer.alloc(10, 7),
      'a copy, not the view it was offered',
    )
  },
)

t.test('offer() replaces an entry and counts its bytes once', async t => {
  const table = new HotTable(100_000)
  keep(table, 'a', 100)
  const { bytes } = table
  offer(table, 'a', entry(100, 9), 6)
  t.equal(table.bytes, bytes)
  t.match(table.get('a'), { transaction: 6 })
  table.remove('a')
  table.remove('a')
  t.equal(table.bytes, 0)
})

t.test('offer() never holds more than its bytes; what was read meanwhile stays a round longer', async t => {
  const table = new HotTable(40_000)
  for (let i = 0; i < 50; i += 1) {
    keep(table, `key ${i}`, 900)
    const first = table.get('key 0')
    if (first !== undefined) first.isWanted = true
    t.ok(table.bytes <= 40_000, 'within its bytes')
  }
  t.ok(table.get('key 0'), 'the one that is wanted')
  t.ok(table.get('key 49'), 'the newest')
  t.equal(table.get('key 10'), undefined, 'an old one that nobody read')
})

t.test('offer() leaves out what would push out too much, and everything when it is off', async t => {
  const table = new HotTable(8_000)
  keep(table, 'large', 2_000)
  t.equal(table.get('large'), undefined)
  const off = new HotTable(0)
  keep(off, 'a', 0)
  t.equal(off.get('a'), undefined)
})

t.test('offer() forgets in time which keys it saw', async t => {
  const table = new HotTable(8_000)
  for (let i = 0; i < 20; i += 1) offer(table, `first ${i}`, entry(1), 1)
  const { bytes } = table
  offer(table, 'a', entry(1), 1)
  for (let i = 0; i < 10_000; i += 1) offer(table, `once ${i}`, entry(1), 1)
  offer(table, 'a', entry(1), 1)
  t.equal(table.get('a'), undefined)
  t.equal(table.bytes, bytes)
})

t.test('offer() keeps the list of a URL whose responses vary', async t => {
  const table = new HotTable(100_000)
  const list = { kind: 'variants', generation: 'g', variants: [], storedAtMs: 1 } as const
  table.offer('a', list, 50, seen(3))
  table.offer('a', list, 50, seen(3))
  t.equal(table.get('a')?.entry, list)
  t.equal(table.bytes, 651)
})

t.test('distrust() of some keys, or of all', async t => {
  const table = new HotTable(100_000)
  for (const key of ['a', 'b']) {
    for (let reading = 0; reading < 2; reading++) offer(table, key, entry(1), 1)
  }
  const checked = () => ['a', 'b'].map(key => table.get(key)?.checkedMs)
  for (const key of ['a', 'b']) table.get(key)!.checkedMs = 5
  table.distrust(['a', 'absent'])
  t.strictSame(checked(), [0, 5])
  table.distrust()
  t.strictSame(checked(), [0, 0])
})
