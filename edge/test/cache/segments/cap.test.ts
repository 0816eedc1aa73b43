import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { segmentsCapOf } from '../../../cache/segments/cap.js'

const mebibyte = 1024 * 1024

t.test('the segments have their share, less what the index takes beyond its own', async t => {
  const directory = t.testdir({ index: {}, segments: { '1.segment': 'x'.repeat(5 * mebibyte) } })
  t.equal(segmentsCapOf(directory, 16 * mebibyte), 14 * mebibyte)
  t.equal(segmentsCapOf(directory, 16 * mebibyte, mebibyte), 13 * mebibyte)
  writeFileSync(`${directory}/index/data.mdb`, Buffer.alloc(3 * mebibyte, 1))
  mkdirSync(`${directory}/other`)
  writeFileSync(`${directory}/other/file`, Buffer.alloc(mebibyte, 1))
  const cap = segmentsCapOf(directory, 16 * mebibyte)
  t.ok(cap <= 11.75 * mebibyte && cap > 11.7 * mebibyte, String(cap))
  t.equal(segmentsCapOf(directory, mebibyte), 0)
  t.throws(() => segmentsCapOf(`${directory}/none`, 16 * mebibyte), { code: 'ENOENT' })
})
