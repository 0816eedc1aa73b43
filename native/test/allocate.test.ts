import { closeSync, existsSync, fstatSync, openSync, rmSync, statfsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { allocate } from '../allocate.js'
import { needsAddon } from './support/addon.js'

function open(t: Test, path: string): number {
  const fd = openSync(path, 'w+')
  t.teardown(() => closeSync(fd))
  return fd
}

t.test('allocate() reserves, and the file grows unless its size is kept', needsAddon, async t => {
  const fd = open(t, `${t.testdir()}/segment`)
  t.equal(allocate(fd, 0, 65_536, { keepSize: true }), true)
  t.equal(fstatSync(fd).size, 0)
  const { blocks } = fstatSync(fd)
  t.ok(blocks * 512 >= 65_536)
  t.equal(allocate(fd, 65_536, 65_536), true)
  t.equal(fstatSync(fd).size, 131_072)
  t.ok(fstatSync(fd).blocks > blocks)
})

t.test('allocate() says when there is no room', needsAddon, async t => {
  // A memory file system knows at once; a disk would be filled before it says no.
  const directory = '/dev/shm'
  const memoryFileSystem = 0x01021994
  const limits = existsSync(directory) ? statfsSync(directory) : undefined
  if (limits?.type !== memoryFileSystem || limits.blocks === 0) return t.comment('no bounded /dev/shm here')
  const path = `${directory}/naij-allocate-${process.pid}`
  const fd = open(t, path)
  t.teardown(() => rmSync(path))
  t.throws(() => allocate(fd, 0, 2 * limits.blocks * limits.bsize), { code: 'ENOSPC', syscall: 'fallocate' })
  t.equal(fstatSync(fd).size, 0)
})
