// Both ends of the optimiser's socket: link.ts asks, hatch.ts answers.
import { existsSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { openHatch } from '../../optimise/hatch.js'
import type { Job, Making, Outcome } from '../../optimise/job.js'
import { OptimiserLink } from '../../optimise/link.js'
import { runDirectoryOf } from '../shared/support/ground.js'

const job = (storedKey: string): Job => ({
  storedKey,
  askedAtMs: 1.5,
  storedAtMs: 2,
  site: 'a',
  work: { kind: 'decode', coding: 'gzip' },
  hidden: ['x-a'],
  imageBounds: { bytesMax: 1e7, pixelsMax: 1e7, framesMax: 10 },
})

async function hatch(t: Test, path: string, make: Making['make']) {
  const sockets = new Set<{ destroy(): void }>()
  const server: Server = await openHatch(path, { make })
  server.on('connection', socket => sockets.add(socket))
  const cut = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  t.teardown(cut)
  return cut
}

t.test('jobs go over as they are, and each gets its own outcome', async t => {
  const path = `${runDirectoryOf(t)}/socket`
  const heard: Job[] = []
  await hatch(t, path, async asked => {
    heard.push(asked)
    return asked.storedKey === 'a\n~\u00ff"' ? 'made' : 'busy'
  })
  const link = new OptimiserLink(path)
  const jobs = [job('a\n~\u00ff"'), job('b')]
  t.strictSame(await Promise.all(jobs.map(each => link.make(each))), ['made', 'busy'])
  t.strictSame(heard, jobs)
  t.equal(await link.make(job('c')), 'busy', 'on the same connection')
})

t.test('who asks before there is an optimiser is answered when there is', async t => {
  const path = `${runDirectoryOf(t)}/socket`
  const made = new OptimiserLink(path).make(job('a'))
  await new Promise(resolve => setTimeout(resolve, 50))
  t.notOk(existsSync(path))
  await hatch(t, path, async () => 'made')
  t.equal(await made, 'made')
})

t.test('what was asked is asked once more of the next optimiser, and not of a third', async t => {
  const path = `${runDirectoryOf(t)}/socket`
  const link = new OptimiserLink(path)
  let cut = () => {}
  for (const outcome of ['made', 'failed'] as const) {
    let asked = 0
    const dying = async (): Promise<Outcome> => {
      asked += 1
      cut()
      return new Promise(() => {})
    }
    cut = await hatch(t, path, dying)
    const made = link.make(job(outcome))
    while (asked === 0) await new Promise(setImmediate)
    cut = await hatch(t, path, outcome === 'made' ? async () => 'made' : dying)
    t.equal(await made, outcome)
    cut()
  }
})

t.test('who says something else is cut', async t => {
  const path = `${runDirectoryOf(t)}/socket`
  await hatch(t, path, async () => 'made')
  for (const said of ['nonsense\n', `${'x'.repeat(300_000)}\n`]) {
    const socket = connect(path)
    socket.on('error', () => {})
    socket.write(said)
    await new Promise(resolve => socket.on('close', resolve))
  }
  t.equal(await new OptimiserLink(path).make(job('a')), 'made', 'others are served')
})

t.test('what is not wanted any more is said, and so is the end of a worker', async t => {
  const path = `${runDirectoryOf(t)}/socket`
  const ended: string[] = []
  await hatch(t, path, ({ storedKey }, signal) => {
    return new Promise(resolve => {
      signal!.addEventListener('abort', () => {
        ended.push(storedKey)
        resolve('cancelled')
      })
    })
  })
  const link = new OptimiserLink(path)
  const controller = new AbortController()
  const made = link.make(job('a'), controller.signal)
  while (!existsSync(path)) await new Promise(setImmediate)
  await new Promise(resolve => setTimeout(resolve, 50))
  controller.abort()
  t.equal(await made, 'cancelled')
  while (ended.length === 0) await new Promise(setImmediate)
  t.strictSame(ended, ['a'])
  const socket = connect(path)
  socket.write(`${JSON.stringify({ id: 1, job: job('b') })}\n`)
  await new Promise(resolve => setTimeout(resolve, 50))
  socket.destroy()
  while (ended.length === 1) await new Promise(setImmediate)
  t.strictSame(ended, ['a', 'b'])
})

t.test('half a line of an optimiser that was killed harms nobody', async t => {
  const path = `${runDirectoryOf(t)}/socket`
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('{"id":1,"outc'))
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  t.teardown(() => server.close())
  t.equal(await new OptimiserLink(path).make(job('a')), 'failed')
})
