// The room without its addon: what every function promises for that case.
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'

process.env.NAIJ_NATIVE_FILE = '/absent/naij.node'
const native = await import('../index.js')

const absent = { code: 'native-absent', message: /^the native addon is absent: / }

t.test('nativeStatus() says why', async t => {
  const { isPresent, why } = native.nativeStatus() as { isPresent: false; why: string }
  t.equal(isPresent, false)
  t.match(why, /\S/)
})

t.test('map(), unmap() and lock() cannot be done', async t => {
  const path = `${t.testdir()}/file`
  t.throws(() => native.map(path, 4096, { create: true }), absent)
  t.throws(() => native.unmap(new ArrayBuffer(8)), absent)
  t.throws(() => native.lock(path, 'exclusive'), absent)
  t.equal(statSync(path, { throwIfNoEntry: false }), undefined, 'and leave nothing behind')
})

t.test('readNow() is an ordinary read', async t => {
  const path = `${t.testdir()}/file`
  writeFileSync(path, '0123456789')
  const fd = openSync(path, 'r')
  t.teardown(() => closeSync(fd))
  const buffer = Buffer.alloc(6, '.')
  t.equal(native.readNow(fd, buffer, 1, 4, 8), 2)
  t.equal(buffer.toString(), '.89...')
  t.equal(native.readNow(fd, buffer, 0, 6, 10), 0)
  t.equal(native.readNow(fd, buffer, 6, 0, 0), 0)
  t.throws(() => native.readNow(fd, buffer, 0, 7, 0), RangeError)
  t.throws(() => native.readNow(fd, buffer, 0, 6, -1), RangeError)
  t.equal(native.readNowMode(), 'plain')
})

t.test('allocate() reserves nothing, notifySystemd() tells nobody', async t => {
  const path = `${t.testdir()}/file`
  const fd = openSync(path, 'w')
  t.teardown(() => closeSync(fd))
  t.equal(native.allocate(fd, 0, 4096), false)
  t.equal(statSync(path).size, 0)
  process.env.NOTIFY_SOCKET = '/absent/notify'
  t.equal(native.notifySystemd('READY=1'), false)
})
