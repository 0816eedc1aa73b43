import t from 'tap'
import { readStampMs } from '../../cache/databases.js'
import { decodeEntry } from '../../cache/entry.js'
import { settle } from '../../keep/settle.js'
import { needsAddon } from '../shared/support/ground.js'
import { draftRecord, indexOf, keysOf } from '../support/purged-index.js'

t.test('settle() drops, moves, and leaves alone what was replaced since', needsAddon, async t => {
  const { databases } = await indexOf(t, [{ key: 'dropped' }, { key: 'moved' }, { key: 'replaced' }])
  const lodgerOf = (stored: string) => ({ stored, stampMs: readStampMs(databases, stored)!, bytes: 1 })
  const [dropped, moved, replaced] = ['dropped', 'moved', 'replaced'].map(lodgerOf)
  const { record } = draftRecord({ key: 'moved', status: 203 })
  const nowMs = Date.now() + 1_000
  const old = { ...replaced!, stampMs: replaced!.stampMs - 1 }
  const done = settle(databases, [dropped!, moved!, old], new Map([[moved!, record]]), nowMs)
  t.strictSame(done, { kept: 1, dropped: 1 })
  t.strictSame(keysOf(databases), ['moved', 'replaced'])
  t.equal(readStampMs(databases, 'moved'), nowMs)
  t.match(decodeEntry(Buffer.from(databases.entries.get('moved')!)), { status: 203 })
  t.equal([...databases.order.getKeys({ start: '' })].length, 2, 'each stands in the order once')
})
