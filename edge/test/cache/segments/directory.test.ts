import { rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { Listing, listFiles, listIds, takenBytes } from '../../../cache/segments/directory.js'

t.test('listIds() and listFiles() give the segments, the oldest first', async t => {
  const directory = t.testdir({ other: 'x', '000000000000020.segment': 'abc', '000000000000003.segment': '' })
  t.strictSame(listIds(directory), [3, 20])
  t.match(await listFiles(directory), [
    { id: 3, bytes: 0 },
    { id: 20, bytes: Number },
  ])
  await t.rejects(listFiles(`${directory}/none`), { code: 'ENOENT' })
  t.throws(() => listIds(`${directory}/none`), { code: 'ENOENT' })
})

t.test('takenBytes() counts reserved space and holes alike', async t => {
  t.equal(takenBytes({ size: 10, blocks: 2_048 }), 1_048_576)
  t.equal(takenBytes({ size: 2_000_000, blocks: 8 }), 2_000_000)
})

t.test('Listing tells what is known, and asks again', async t => {
  const directory = t.testdir({ '000000000000020.segment': 'abc' })
  const listing = new Listing(directory)
  t.match(listing.totals(), { files: 1 })
  writeFileSync(`${directory}/000000000000021.segment`, 'abc')
  t.match(listing.totals(), { files: 1 }, 'it is about a second old')
  await Promise.all([listing.refresh(), listing.refresh()])
  t.match(listing.totals(), { files: 2 })
  listing.add(1_000_000)
  t.match(listing.totals(), { files: 3 })
  t.ok(listing.totals().bytes > 1_000_000)
  rmSync(directory, { recursive: true })
  await listing.refresh()
  t.strictSame(listing.totals(), { files: 0, bytes: 0 })
})
