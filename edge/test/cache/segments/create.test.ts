import { closeSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { lock } from '../../../../native/index.js'
import { createSegment } from '../../../cache/segments/create.js'
import { takenBytes } from '../../../cache/segments/directory.js'
import { decodeHeader, headerBytes, segmentPath, thisBootId } from '../../../cache/segments/header.js'

const mebibyte = 1024 * 1024

t.test('createSegment() makes a locked file with a header and its space', async t => {
  const directory = `${t.testdir()}/a/b`
  const before = Date.now()
  const { id, fd } = createSegment(directory, mebibyte)
  const path = segmentPath(directory, id)
  t.ok(id >= before && id <= Date.now(), 'counted from the clock')
  t.match(decodeHeader(readFileSync(path)), { id, bootId: thisBootId })
  t.equal(statSync(path).size, headerBytes, 'as long as what was written')
  t.ok(takenBytes(statSync(path)) >= headerBytes)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(lock(path, 'exclusive'), undefined)
  closeSync(fd)
  lock(path, 'exclusive')!.release()
})

t.test('createSegment() never uses an id again, and never one below another', async t => {
  const directory = t.testdir()
  const late = Date.now() + 3_600_000
  writeFileSync(segmentPath(directory, late), '')
  const ids = Array.from({ length: 50 }, () => {
    const { id, fd } = createSegment(directory, 4_096)
    closeSync(fd)
    return id
  })
  t.strictSame(
    ids,
    ids.map((_, i) => late + 1 + i),
    'also when the clock was set back',
  )
})

t.test('createSegment() throws what the file system says, and leaves nothing behind', async t => {
  const directory = t.testdir({ file: '' })
  t.throws(() => createSegment(`${directory}/file`, mebibyte), { code: 'EEXIST' })
  t.throws(() => createSegment(`${directory}/file/below`, mebibyte), { code: 'ENOTDIR' })
  // More than any file system gives one file.
  t.throws(() => createSegment(`${directory}/full`, 2 ** 52), { code: /^(ENOSPC|EFBIG)$/ })
  t.strictSame(readdirSync(`${directory}/full`), [])
  t.ok(existsSync(`${directory}/full`))
  t.throws(() => createSegment('/sys/kernel/segments', mebibyte), { code: /^(EPERM|EACCES|EROFS|ENOENT)$/ })
})
