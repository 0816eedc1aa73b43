import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { fileBytes, memoryBytes, parseHeldBytes } from '../../host/memory.js'

t.test('parseHeldBytes() takes anonymous and shared pages, not files', async t => {
  const text = `55d0-7ffc ---p 00000000 00:00 0 [rollup]
Rss:               61000 kB
Pss:               50000 kB
Pss_Anon:          20000 kB
Pss_File:          29000 kB
Pss_Shmem:          1000 kB
Anonymous:         20000 kB
`
  t.equal(parseHeldBytes(text), 21_000 * 1024)
  t.equal(parseHeldBytes(''), 0)
})

t.test('fileBytes() counts what is written, not how long a file is', async t => {
  const { closeSync, openSync, truncateSync, writeFileSync } = await import('node:fs')
  const directory = t.testdir({ folder: {} })
  closeSync(openSync(join(directory, 'sparse'), 'w'))
  truncateSync(join(directory, 'sparse'), 2 ** 30)
  writeFileSync(join(directory, 'written'), Buffer.alloc(100_000, 1))
  const bytes = fileBytes(directory)
  t.ok(bytes >= 100_000 && bytes < 2 ** 20, `${bytes}`)
  t.equal(fileBytes(join(directory, 'absent')), 0)
})

t.test('memoryBytes() sees this process grow, and that one is gone', async t => {
  const before = memoryBytes([process.pid], '/nowhere')
  const kept = Buffer.alloc(64 * 2 ** 20, 1)
  const grown = memoryBytes([process.pid], '/nowhere') - before
  // What else this process holds may shrink meanwhile.
  t.ok(grown > 32 * 2 ** 20, `${grown} for ${kept.length}`)
  const { pid } = spawnSync('true')
  t.throws(() => memoryBytes([process.pid, pid], '/nowhere'), {
    message: `process ${pid} ended while it was measured`,
  })
})
