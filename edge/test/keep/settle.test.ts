import t from 'tap'
import { isUndamaged } from '../../cache/checksum.js'
import { readStampMs } from '../../cache/databases.js'
import { decodeEntry } from '../../cache/entry.js'
import { settle } from '../../keep/settle.js'
import { needsAddon } from '../shared/support/ground.js'
import { draftRecord, indexOf, keysOf } from '../support/purged-index.js'

t.test('settle() drops, moves, and leaves alone what was replaced since', needsAddon, async t => {
  const place = { segment: 1, extents: [[64, 100]] as [number, number][], bytes: 100, crc: 1 }
  const keys = ['dropped', 'moved', 'replaced']
  const { databases } = await indexOf(
    t,
    keys.map(key => ({ key, content: place })),
  )
  const lodgerOf = (stored: string) => ({ stored, stampMs: readStampMs(databases, stored)!, bytes: 1 })
  const [dropped, moved, replaced] = keys.map(lodgerOf)
  // While its body was copied it was made stale, under the same stamp.
  const { record } = draftRecord({ key: 'moved', content: place, freshUntilMs: 7 })
  databases.entries.putSync('moved', record, moved!.stampMs)
  const nowMs = Date.now() + 1_000
  const old = { ...replaced!, stampMs: replaced!.stampMs - 1 }
  const done = settle(
    databases,
    [dropped!, moved!, old],
    new Map([[moved!, { ...place, segment: 2 }]]),
    nowMs,
  )
  t.strictSame(done, { kept: 1, dropped: 1 })
  t.strictSame(keysOf(databases), ['moved', 'replaced'])
  t.equal(readStampMs(databases, 'moved'), nowMs)
  const now = Buffer.from(databases.entries.get('moved')!)
  t.match(decodeEntry(now), { place: { segment: 2, bytes: 100 }, freshUntilMs: 7 })
  t.ok(isUndamaged(now, now.length, 'moved'))
  t.equal([...databases.order.getKeys({ start: '' })].length, 2, 'each stands in the order once')
})
