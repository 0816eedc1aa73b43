import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import t, { type Test } from 'tap'
import { reserve } from '../reserve.js'

const bytes = 2_500_000
const cannot = (): boolean => false

function open(t: Test): { fd: number; path: string } {
  const path = `${t.testdir()}/zone`
  const fd = openSync(path, 'w+')
  t.teardown(() => closeSync(fd))
  return { fd, path }
}

t.test('reserve() writes an empty file full where the file system cannot reserve', async t => {
  const { fd, path } = open(t)
  reserve(fd, bytes, cannot)
  t.ok(fstatSync(fd).blocks * 512 >= bytes)
  const content = readFileSync(path)
  t.equal(content.length, bytes)
  t.ok(content.every(byte => byte === 0))
})

t.test('reserve() never writes into a file that others may be using', async t => {
  const { fd, path } = open(t)
  writeSync(fd, 'in use')
  reserve(fd, 6, cannot)
  t.equal(readFileSync(path, 'latin1'), 'in use')
})

t.test('reserve() leaves an empty file empty when it fails, and an older one as it is', async t => {
  const { fd, path } = open(t)
  const noRoom = (): boolean => {
    writeSync(fd, 'a part', 0)
    throw new Error('no room')
  }
  t.throws(() => reserve(fd, bytes, noRoom), /no room/)
  t.equal(fstatSync(fd).size, 0)
  writeSync(fd, 'in use', 0)
  t.throws(() => reserve(fd, bytes, noRoom), /no room/)
  t.equal(readFileSync(path, 'latin1'), 'a part')
})
