import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bindToKey, isUndamaged } from '../../cache/checksum.js'
import { openLmdbStore } from '../../cache/lmdb.js'
import { faultOf, randomFrom, recordOf } from '../support/store-records.js'

const mebibyte = 1_048_576
const options = (directory: string) => ({
  directory,
  bytesMax: 16 * mebibyte,
  writeQueueBytesMax: 16 * mebibyte,
  log: () => {},
})

t.test('isUndamaged() knows the key that a record was stored under', async t => {
  const record = recordOf('a', 100)
  t.notOk(isUndamaged(record, record.length, 'a'), 'not stored yet')
  bindToKey(record, 'a')
  t.ok(isUndamaged(record, record.length, 'a'))
  t.notOk(isUndamaged(record, record.length, 'b'), 'another key')
  t.notOk(isUndamaged(record, record.length - 1, 'a'), 'a byte short')
  t.notOk(isUndamaged(record, 3, 'a'), 'no record')
  for (let at = 0; at < record.length; at++) {
    record[at] = (record[at] as number) ^ 4
    if (isUndamaged(record, record.length, 'a')) t.fail(`byte ${at}`)
    record[at] = (record[at] as number) ^ 4
  }
})

t.test('flipped bits in the file never come out as an entry', async t => {
  const directory = t.testdir()
  const store = openLmdbStore(options(directory))
  const keys = Array.from({ length: 60 }, (_, i) => `flip-${i}`)
  await Promise.all(keys.map((key, i) => store.put(key, recordOf(key, i * 400))))
  await store.close()
  const path = join(directory, 'index', 'data.mdb')
  const bytes = readFileSync(path)
  const random = randomFrom(7)
  // In what was stored only: a damaged frame of a page can end the process, whatever is done here.
  for (let at = bytes.indexOf('block of flip'); at >= 0; at = bytes.indexOf('block of flip', at + 1)) {
    if (random() < 0.5) bytes[at - 60 + Math.floor(random() * 130)] ^= 16
  }
  writeFileSync(path, bytes)
  const damaged = openLmdbStore(options(directory))
  t.teardown(() => damaged.close())
  const faults = keys.map(key => faultOf(key, damaged.get(key)))
  t.ok(faults.includes('absent'), 'some are gone')
  t.ok(faults.includes(''), 'the others are there')
  t.strictSame([...new Set(faults)].sort(), ['', 'absent'])
})
