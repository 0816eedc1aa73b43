import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { holdingsOf } from '../holdings.js'
import { findProgram } from '../tools.js'

t.test('holdingsOf() sums memory, files, and what of them is in memory', async t => {
  const directory = t.testdir({ deep: { er: {} } })
  const file = join(directory, 'deep/er/file')
  writeFileSync(file, Buffer.alloc(100_000, 'x'), { flush: true })
  readFileSync(file)
  const held = holdingsOf({ pids: () => [process.pid], directory })
  t.ok(held.memoryBytes > 1_000_000, `${held.memoryBytes}`)
  t.ok(held.diskBytes >= 100_000, `${held.diskBytes}`)
  if (findProgram('fincore') !== undefined) t.ok(held.pageCacheBytes! >= 100_000, `${held.pageCacheBytes}`)
})

t.test('holdingsOf() does without a directory', async t => {
  t.match(holdingsOf({ pids: () => [process.pid], directory: join(t.testdir(), 'absent') }), { diskBytes: 0 })
})

t.test('holdingsOf() leaves out the page cache where nobody tells', async t => {
  const path = process.env.PATH
  const find = findProgram('fincore')
  process.env.PATH = '/nowhere'
  t.teardown(() => {
    process.env.PATH = path
  })
  const held = holdingsOf({ pids: () => [process.pid], directory: t.testdir() })
  t.equal('pageCacheBytes' in held, find?.startsWith('/usr/sbin') ?? false)
})
