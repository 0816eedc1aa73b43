import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { readNow, readNowMode } from '../read-now.js'
import { needsAddon } from './support/addon.js'

function open(t: Test, content: string | Uint8Array, directory = t.testdir()): { fd: number; path: string } {
  const path = `${directory}/body`
  writeFileSync(path, content)
  const fd = openSync(path, 'r')
  t.teardown(() => closeSync(fd))
  return { fd, path }
}

t.test('readNow() reads what is cached, into its place', async t => {
  const { fd } = open(t, '0123456789')
  const buffer = Buffer.alloc(8, '.')
  t.equal(readNow(fd, buffer, 2, 4, 3), 4)
  t.equal(buffer.toString(), '..3456..')
  t.equal(readNow(fd, buffer, 0, 8, 7), 3, 'fewer at the end')
  t.equal(buffer.toString(), '789456..')
  t.equal(readNow(fd, buffer, 0, 8, 10), 0, 'nothing at the end')
  t.equal(readNow(fd, buffer, 0, 8, 2 ** 40), 0, 'nor beyond')
  t.equal(readNow(fd, buffer, 8, 0, 0), 0)
  t.equal(readNow(fd, new Uint8Array(0), 0, 0, 0), 0)
})

t.test('readNow() reads into a part of a buffer and into shared memory', async t => {
  const { fd } = open(t, 'abcdef')
  const whole = Buffer.alloc(10, '.')
  t.equal(readNow(fd, whole.subarray(3, 7), 1, 3, 0), 3)
  t.equal(whole.toString(), '....abc...')
  const shared = new Uint8Array(new SharedArrayBuffer(8), 2, 4)
  t.equal(readNow(fd, shared, 0, 4, 2), 4)
  t.equal(String.fromCharCode(...shared), 'cdef')
})

t.test('readNow() fails as reading fails', needsAddon, async t => {
  const buffer = new Uint8Array(8)
  const directory = openSync(t.testdir(), 'r')
  t.teardown(() => closeSync(directory))
  t.throws(() => readNow(directory, buffer, 0, 8, 0), { code: 'EISDIR' })
  const path = `${t.testdir()}/write-only`
  const fd = openSync(path, 'w')
  t.teardown(() => closeSync(fd))
  t.throws(() => readNow(fd, buffer, 0, 8, 0), { code: 'EBADF' })
})

t.test('readNow() answers -1 for what is on the disk only', needsAddon, async t => {
  const bytes = 4 * 1024 * 1024
  const { fd, path } = open(t, new Uint8Array(bytes).fill(7))
  const buffer = new Uint8Array(64 * 1024)
  const tries = 50
  const isCold = (): boolean => {
    // Written down, then dropped from the page cache: what `dd` calls nocache.
    spawnSync('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'])
    return readNow(fd, buffer, 0, buffer.length, bytes / 2) === -1
  }
  const hasCold = Array.from({ length: tries }).some(isCold)
  // Memory file systems have no cold bytes, others no answer to the question; there is nothing to see then.
  if (!hasCold) t.comment(`nothing was cold on this file system (${readNowMode()})`)
  t.equal(readSync(fd, buffer, 0, buffer.length, bytes / 2), buffer.length)
  t.equal(readNow(fd, buffer, 0, buffer.length, bytes / 2), buffer.length, 'cached by the read before')
  t.ok(buffer.every(byte => byte === 7))
})

t.test('readNowMode() tells that a file system refused the flag; its reads are ordinary ones', async t => {
  // The files of /proc do not know it.
  const fd = openSync('/proc/self/status', 'r')
  t.teardown(() => closeSync(fd))
  const buffer = Buffer.alloc(5)
  t.equal(readNow(fd, buffer, 0, 5, 0), 5)
  t.equal(buffer.toString(), 'Name:')
  t.equal(readNowMode(), 'plain')
})
