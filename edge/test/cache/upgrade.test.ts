import t from 'tap'
import { isUndamaged } from '../../cache/checksum.js'
import { decodeEntry } from '../../cache/entry.js'
import { upgraded } from '../../cache/upgrade.js'
import { draftRecord } from '../support/purged-index.js'
import { inThirdLayout } from '../support/third-layout.js'

const key = 'http play a.example/'

t.test('a record of layout 3 keeps all it said', async t => {
  const { record } = draftRecord({ key, etag: '"v"', tags: ['red'], received: ['X', 'y'], fence: 9 })
  const old = inThirdLayout(record, key)
  t.equal(decodeEntry(old), undefined)
  const current = upgraded(old, key)!
  t.ok(isUndamaged(current, current.length, key))
  const [now, then] = [decodeEntry(current), decodeEntry(record)]
  if (now?.kind !== 'response' || then?.kind !== 'response') throw new Error('no response')
  t.match(now, { status: 200, etag: '"v"', tags: ['red'], received: ['X', 'y'], fence: 0 })
  t.ok(now.body.equals(then.body) && now.block.equals(then.block))
})

t.test('a list of variants too; what is damaged, or of another layout, is not touched', async t => {
  const { record } = draftRecord({ key, isList: true })
  const old = inThirdLayout(record, key)
  t.equal(decodeEntry(upgraded(old, key)!)?.kind, 'variants')
  t.equal(upgraded(old, 'another key'), undefined)
  t.equal(upgraded(record, key), undefined)
  t.equal(upgraded(old.subarray(0, 20), key), undefined)
  old[old.length - 1] ^= 1
  t.equal(upgraded(old, key), undefined)
})
