import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { createLogger } from '../../usage/logger.js'

interface Line {
  level: number
  time: number
  pid: number
  slot?: number
  name?: string
  msg: string
}

function lines(text: string): Line[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Line)
}

t.test('createLogger() writes JSON lines with pid and slot, and nothing below its level', async t => {
  const path = join(t.testdir(), 'log')
  const destination = openSync(path, 'a')
  const { log, flush, dropped } = createLogger({
    level: 'info',
    bufferBytesMax: 1e6,
    name: 'edge',
    slot: 3,
    destination,
  })
  log.debug('not this')
  log.info({ site: 'shop' }, 'this')
  flush()
  const [line, ...rest] = lines(readFileSync(path, 'utf8'))
  t.match(line, { level: 30, pid: process.pid, slot: 3, name: 'edge', site: 'shop', msg: 'this' })
  t.type(line?.time, 'number')
  t.equal(rest.length, 0)
  t.equal(dropped(), 0)
})

t.test('createLogger() says what an error is, under either name', async t => {
  const path = join(t.testdir(), 'log')
  const { log, flush } = createLogger({
    level: 'info',
    bufferBytesMax: 1e6,
    destination: openSync(path, 'a'),
  })
  log.warn({ error: new Error('disk') }, 'one')
  log.warn({ err: new Error('disk') }, 'other')
  flush()
  const [one, other] = lines(readFileSync(path, 'utf8'))
  t.match(one, { error: { type: 'Error', message: 'disk' } })
  t.match(other, { err: { type: 'Error', message: 'disk' } })
})

t.test('createLogger() writes a lone line within moments, without a flush', async t => {
  const path = join(t.testdir(), 'fifo')
  execFileSync('mkfifo', [path])
  const descriptor = openSync(path, constants.O_RDWR)
  const { log } = createLogger({ level: 'info', bufferBytesMax: 1e6, destination: descriptor })
  // Waits, in a thread, for something to read.
  const reader = await open(path)
  const first = reader.read(Buffer.alloc(4_096))
  log.info('alone')
  const { buffer, bytesRead } = await first
  await reader.close()
  const [line] = lines(buffer.toString('utf8', 0, bytesRead))
  t.match(line, { msg: 'alone' })
  t.notOk(line && 'slot' in line)
})

t.test(
  'createLogger() drops and counts what a stuck reader leaves no room for, and never blocks',
  async t => {
    const path = join(t.testdir(), 'fifo')
    execFileSync('mkfifo', [path])
    const destination = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    const { log, dropped, flush } = createLogger({ level: 'info', bufferBytesMax: 65_536, destination })
    const startMs = performance.now()
    for (let i = 0; i < 5_000; i++) log.info({ i }, 'x'.repeat(100))
    t.ok(performance.now() - startMs < 20_000)
    t.ok(dropped() > 1_000, `${dropped()} dropped`)
    await new Promise(resolve => setTimeout(resolve, 50))
    const flushMs = performance.now()
    flush()
    t.ok(performance.now() - flushMs < 20_000, 'the last flush gives up')
    // Every write is one piece of at most PIPE_BUF bytes, so what got through is whole lines.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const piece = Buffer.alloc(1e6)
    const count = readSync(reader, piece)
    closeSync(reader)
    t.ok(lines(piece.toString('utf8', 0, count)).length > 100)
  },
)

t.test('createLogger() outlives a reader that left', async t => {
  const path = join(t.testdir(), 'fifo')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const destination = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  closeSync(reader)
  const { log, flush } = createLogger({ level: 'info', bufferBytesMax: 4_096, destination })
  for (let i = 0; i < 100; i++) log.info('into the void')
  await new Promise(resolve => setTimeout(resolve, 20))
  t.doesNotThrow(flush)
})

t.test('createLogger() on standard output keeps the lines of two processes whole', async t => {
  const module = new URL('../../usage/logger.js', import.meta.url).href
  const file = join(t.testdir(), 'writer.mjs')
  writeFileSync(
    file,
    `import { createLogger } from ${JSON.stringify(module)}
     const { log } = createLogger({ level: 'info', bufferBytesMax: 1e7, slot: 0 })
     for (let i = 0; i < 500; i++) { log.info({ i, pad: 'y'.repeat(i % 700) }, 'line'); if (i % 50 === 0) await new Promise(setImmediate) }`,
  )
  const nodes = [process.execPath, file].map(word => `'${word}'`).join(' ')
  const text = execFileSync('sh', ['-c', `${nodes} & ${nodes} & wait`], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  const all = lines(text)
  t.equal(all.length, 1_000)
  t.equal(new Set(all.map(line => line.pid)).size, 2)
})
