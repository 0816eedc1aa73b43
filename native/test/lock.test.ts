import {
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import t from 'tap'
import { isFileAt, lock } from '../lock.js'
import { needsAddon, runOther } from './support/addon.js'

/** How many descriptors of this process are open on the file. */
function openings(path: string): number {
  return readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false // the one that the listing itself used
    }
  }).length
}

t.test('lock() exclusive excludes all, shared only the exclusive', needsAddon, async t => {
  const path = `${t.testdir()}/keeper.lock`
  const first = lock(path, 'exclusive')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(first?.state, 'exclusive')
  t.equal(lock(path, 'exclusive'), undefined)
  t.equal(lock(path, 'shared'), undefined)
  t.equal(openings(path), 1, 'who does not get it leaves nothing open')
  first?.release()
  first?.release()
  t.equal(first?.state, 'released')
  const one = lock(path, 'shared')
  const two = lock(path, 'shared')
  t.ok(one && two)
  t.equal(lock(path, 'exclusive'), undefined)
  one?.release()
  t.equal(lock(path, 'exclusive'), undefined)
  two?.release()
  const last = lock(path, 'exclusive')
  t.ok(last)
  last?.release()
  t.equal(openings(path), 0)
})

t.test('convert() changes the mode, or loses the lock', needsAddon, async t => {
  const path = `${t.testdir()}/lock`
  const first = lock(path, 'exclusive')
  t.equal(first?.convert('shared'), true)
  t.equal(first?.state, 'shared')
  const second = lock(path, 'shared')
  t.equal(second?.convert('exclusive'), false)
  t.equal(second?.state, 'released')
  t.equal(second?.convert('shared'), false, 'what is released stays so')
  t.equal(first?.convert('exclusive'), true)
  first?.release()
})

t.test('lock() takes a descriptor, which stays open', needsAddon, async t => {
  const path = `${t.testdir()}/lock`
  const fd = openSync(path, 'w')
  t.teardown(() => closeSync(fd))
  const held = lock(fd, 'exclusive')
  t.equal(held?.state, 'exclusive')
  t.equal(lock(path, 'shared'), undefined)
  held?.release()
  const other = lock(path, 'exclusive')
  t.ok(other)
  t.equal(lock(fd, 'shared'), undefined)
  other?.release()
  t.equal(openings(path), 1)
})

t.test('lock() fails where it cannot open or lock', needsAddon, async t => {
  const directory = t.testdir()
  t.throws(() => lock(`${directory}/absent/lock`, 'shared'), { code: 'ENOENT', syscall: 'open' })
  t.throws(() => lock(2 ** 31 - 1, 'shared'), { code: 'EBADF', syscall: 'flock' })
})

t.test('isFileAt() sees that a path names another file, or none', async t => {
  const path = `${t.testdir()}/lock`
  const fd = openSync(path, 'w')
  t.teardown(() => closeSync(fd))
  t.equal(isFileAt(path, fd), true)
  writeFileSync(`${path}-new`, '')
  renameSync(`${path}-new`, path)
  t.equal(isFileAt(path, fd), false)
  unlinkSync(path)
  t.equal(isFileAt(path, fd), false)
})

t.test('a killed holder loses its lock, even while a child of it lives', needsAddon, async t => {
  const path = `${t.testdir()}/lock`
  const holder = `
    const fd = require('node:fs').openSync(words[0], 'a+')
    if (!addon.flock(fd, 2)) throw new Error('held by another')
    const { pid } = require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' })
    console.log(pid)`
  const { process: child, line, exit } = runOther(t, holder, [path])
  const grandchild = Number(await line())
  t.teardown(() => process.kill(grandchild, 'SIGKILL'))
  t.equal(lock(path, 'shared'), undefined)
  child.kill('SIGKILL')
  await exit
  const taken = lock(path, 'exclusive')
  t.ok(taken)
  t.ok(process.kill(grandchild, 0), 'the grandchild lives')
  taken?.release()
})
