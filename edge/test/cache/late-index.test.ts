import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hasRoom, openIndex } from '../../cache/late-index.js'
import type { LmdbStoreOptions } from '../../cache/lmdb-store.js'
import { easeDisk, fillDisk, smallDisk, withoutSmallDisks } from '../support/small-disk.js'
import { faultOf, recordOf } from '../support/store-records.js'

const mebibyte = 1024 * 1024
const needsDisk = { skip: withoutSmallDisks }

function optionsOn(directory: string) {
  const lines: string[] = []
  const clock = { ms: 1_000 }
  const options: LmdbStoreOptions = {
    directory,
    bytesMax: 16 * mebibyte,
    writeQueueBytesMax: mebibyte,
    log: (level, message) => void lines.push(`${level}: ${message}`),
    now: () => clock.ms,
  }
  return { options, lines, clock }
}

async function keeps(t: Test, index: ReturnType<typeof openIndex>, key: string): Promise<void> {
  await index.put(key, recordOf(key, 1_000))
  t.equal(faultOf(key, index.get(key)), '')
}

t.test('openIndex() opens at once where there is room', async t => {
  const { options, lines } = optionsOn(t.testdir())
  const index = openIndex(options)
  await keeps(t, index, 'a')
  await index.close()
  t.strictSame(lines, [])
  const path = join(options.directory, 'index', 'lock.mdb')
  const { blocks, size } = statSync(path)
  t.ok(blocks * 512 >= size, 'no page of the readers is without its place')
  t.ok(hasRoom(options.directory))
  t.equal(statSync(path).size, size)
})

t.test('openIndex() on a full disk stores nothing, and does when there is room again', needsDisk, async t => {
  const directory = smallDisk(t, 8 * mebibyte)
  fillDisk(directory)
  const { options, lines, clock } = optionsOn(directory)
  const index = openIndex(options)
  t.strictSame(lines, ['warn: nothing is stored: the disk of the cache is full'])
  await t.rejects(index.put('a', recordOf('a', 1_000)), { code: 'store-full', message: /no room/ })
  await index.remove('a')
  index.refresh()
  t.equal(index.get('a'), undefined)
  t.strictSame(index.status(), { entries: 0, bytes: 0 })
  clock.ms += 1_000
  await t.rejects(index.put('a', recordOf('a', 1_000)), { code: 'store-full' }, 'it is still full')
  easeDisk(directory)
  await t.rejects(index.put('a', recordOf('a', 1_000)), { code: 'store-full' }, 'it has just been looked at')
  clock.ms += 1_000
  await keeps(t, index, 'a')
  t.equal(lines.at(-1), 'info: the disk of the cache has room again: storing')
  await index.remove('a')
  index.refresh()
  t.equal(index.get('a'), undefined)
  t.ok(index.status().bytes > 0)
  await index.close()
  await t.rejects(index.put('a', recordOf('a', 1_000)), { code: 'store-failed' })
})

t.test('openIndex() asks for room once a second, until there is', async t => {
  const { options, lines, clock } = optionsOn(t.testdir())
  let asked = 0
  let isRoomy = false
  const index = openIndex(options, () => {
    asked += 1
    return isRoomy
  })
  await t.rejects(index.put('a', recordOf('a', 1_000)), { code: 'store-full' })
  t.equal(asked, 1)
  clock.ms += 1_000
  await t.rejects(index.put('a', recordOf('a', 1_000)), { code: 'store-full' })
  t.equal(asked, 2)
  await index.remove('a')
  index.refresh()
  t.equal(index.get('a'), undefined)
  t.strictSame(index.status(), { entries: 0, bytes: 0 })
  isRoomy = true
  clock.ms += 1_000
  await keeps(t, index, 'a')
  await keeps(t, index, 'b')
  t.equal(asked, 3)
  index.refresh()
  await index.remove('a')
  t.ok(index.status().bytes > 0)
  await index.close()
  t.equal(lines.length, 2)
})

t.test('openIndex() reads what is there though the disk is full', needsDisk, async t => {
  const directory = smallDisk(t, 8 * mebibyte)
  const { options, lines } = optionsOn(directory)
  const first = openIndex(options)
  await keeps(t, first, 'a')
  await first.close()
  fillDisk(directory)
  const index = openIndex(options)
  t.equal(faultOf('a', index.get('a')), '')
  await index.close()
  t.strictSame(lines, [])
})

t.test('what was never opened closes, and does not open any more', needsDisk, async t => {
  const directory = smallDisk(t, 8 * mebibyte)
  fillDisk(directory)
  const { options, clock } = optionsOn(directory)
  const index = openIndex(options)
  await index.close()
  easeDisk(directory)
  clock.ms += 1_000
  await t.rejects(index.put('a', recordOf('a', 1_000)), { code: 'store-full' })
  t.notOk(readdirSync(join(directory, 'index')).includes('data.mdb'))
})

t.test('hasRoom() throws what is no matter of room', async t => {
  t.throws(() => hasRoom(join(t.testdir({ file: '' }), 'file')), { code: 'ENOTDIR' })
})
