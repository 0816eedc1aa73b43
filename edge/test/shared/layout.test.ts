import t from 'tap'
import { layoutOf, purgeLayout } from '../../shared/layout.js'

t.test('layoutOf() lays the zones one after the other, every field where its size wants it', async t => {
  const layout = layoutOf(100)
  const zones = [layout.header, layout.slots, layout.rows]
  let end = 0
  for (const { offset, recordBytes, records, at } of zones) {
    t.ok(offset >= end)
    t.equal(offset % 64, 0)
    t.ok(Object.values(at).every(place => place < recordBytes))
    end = offset + recordBytes * records
  }
  t.ok(layout.bytes >= end)
  t.equal(layout.bytes % 4096, 0)
  const wide = [layout.slots.at.word, layout.slots.at.written, layout.slots.at.timeMs, layout.rows.at.counts]
  t.ok(wide.every(place => place % 8 === 0))
  t.equal(layout.slots.recordBytes % 64, 0, 'no two slots share a line of the cache')
})

t.test(
  'layoutOf() has another name and hash for another number of slots, and the same for the same',
  async t => {
    t.strictSame(layoutOf(64), layoutOf(64))
    t.notSame(layoutOf(64).name, layoutOf(65).name)
    t.notSame(layoutOf(64).hash, layoutOf(65).hash)
    t.match(layoutOf(64).name, /^[0-9a-f]{8}$/)
  },
)

t.test('purge-v1 is frozen: workers of other versions read it', async t => {
  t.strictSame(purgeLayout, {
    name: 'purge-v1',
    magic: 0x67727570_6a69616en,
    bytes: 4096,
    offsets: { magic: 0, sequence: 8, bootId: 16 },
  })
})
