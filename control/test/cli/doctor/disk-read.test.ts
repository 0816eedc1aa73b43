import { readdirSync } from 'node:fs'
import t from 'tap'
import {
  measureSpeed,
  nearestDirectory,
  readDirectory,
  readFileSystem,
} from '../../../cli/doctor/disk-read.js'

t.test('nearestDirectory() goes up to what is there', async t => {
  const directory = t.testdir({ file: '' })
  t.equal(nearestDirectory(`${directory}/a/b`), directory)
  t.equal(nearestDirectory(`${directory}/file/b`), directory)
  t.equal(nearestDirectory('/'), '/')
})

t.test('readFileSystem() counts what the cache has already', async t => {
  const directory = t.testdir({ segments: { a: 'x'.repeat(100_000) }, b: 'y' })
  const read = readFileSystem(directory)
  t.ok(read.usedBytes >= 100_000, `${read.usedBytes}`)
  t.ok(read.bytes >= read.freeBytes)
  t.equal(readFileSystem(`${directory}/absent`).usedBytes, 0)
})

t.test('readDirectory() tells who it is of', async t => {
  const directory = t.testdir({ file: '' })
  t.match(readDirectory('cache.directory', directory), {
    found: { isDirectory: true, uid: process.getuid?.() },
  })
  t.match(readDirectory('cache.directory', `${directory}/file`), { found: { isDirectory: false } })
  t.match(readDirectory('cache.directory', `${directory}/absent`), { found: undefined })
})

t.test('measureSpeed() writes, reads, and leaves nothing', async t => {
  const directory = t.testdir()
  const { written, read } = measureSpeed(`${directory}/absent`)
  t.ok(written.bytes > 0 && written.ms > 0)
  t.ok(read === undefined || read.bytes === written.bytes)
  t.strictSame(readdirSync(directory), [])
})
