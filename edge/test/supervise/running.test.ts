import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { findRunning, takeOverFrom } from '../../supervise/running.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { ask } from '../support/supervise-play.js'
import { type Manner, sound } from '../support/supervise-spawn.js'
import { play } from '../support/supervise-stage.js'

/** Something that listens where an edge would. */
async function listener(t: Test, answers: Record<string, [status: number, body: string]>): Promise<string> {
  const path = `${runDirectoryOf(t)}/edge.sock`
  const server = createServer(({ url }, response) => {
    const [status, body] = answers[url ?? ''] ?? [404, '']
    response.writeHead(status).end(body)
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  t.teardown(() => server.close())
  return path
}

const said = { pid: 5, version: '9', state: 'running', listeners: [{ port: 80 }, { port: 443 }] }

t.test('findRunning() says who runs, if anybody does', async t => {
  const path = await listener(t, { '/status': [200, JSON.stringify(said)] })
  t.strictSame(await findRunning(path), { pid: 5, version: '9', ports: [80, 443] })
  t.equal(await findRunning(`${path}.none`), undefined)
  writeFileSync(`${path}.file`, '')
  t.equal(await findRunning(`${path}.file`), undefined, 'whoever prepares the ground will say so')
})

t.test('findRunning() refuses who cannot hand over', async t => {
  const table: [string, RegExp][] = [
    ['no json', /is no naij-edge$/],
    ['{"pid":"5"}', /is no naij-edge$/],
    [JSON.stringify({ ...said, state: 'stopping' }), /naij-edge 9 \(5\) is stopping$/],
  ]
  for (const [body, message] of table) {
    const path = await listener(t, { '/status': [200, body] })
    await t.rejects(findRunning(path), { code: 'hand-over', message })
  }
})

t.test('takeOverFrom() rejects when the other does not let go', async t => {
  const path = await listener(t, { '/hand-over': [409, 'busy\n'] })
  const other = { pid: 5, version: '9', ports: [] }
  await t.rejects(takeOverFrom(other, path), { message: /naij-edge 9 \(5\) does not hand over: 409 busy$/ })
  await t.rejects(takeOverFrom(other, `${path}.none`), { message: /does not answer: .*ENOENT/ })
})

t.test('a supervisor takes over from another one, which finishes and leaves', async t => {
  const directory = t.testdir()
  const first = play(t, sound, {}, () => {}, undefined, { directory })
  await first.isReady()
  const { port } = (await first.status()).listeners[0]!
  const { admin } = first.config
  const settings = { listen: [{ port }], admin }
  const second = play(t, sound, settings, () => {}, undefined, { directory, takesOver: true })
  await second.isReady()
  await first.ran
  t.ok(first.workers.every(worker => worker.gone && worker.signals.length === 0))
  const { socket } = second.config.admin
  t.match(await ask(socket, '/readyz'), { status: 200 })
  t.match((await second.status()).listeners, [{ port }])
  t.match(first.said.at(-1), /^READY=1/, 'it was not told to stop')
  t.match(second.said, [/^READY=1\nSTATUS=serving with 2 workers, configuration 1$/])
  second.supervisor.stop()
  await second.ran
  t.match(second.said.at(-1), /^STOPPING=1/)
})

t.test('a supervisor serves on when the one that was to take over cannot start', async t => {
  const directory = t.testdir()
  const first = play(t, sound, {}, () => {}, undefined, { directory })
  await first.isReady()
  const fails: Manner = worker => worker.die(1, null)
  const { admin } = first.config
  const second = play(t, fails, { admin }, () => {}, undefined, { directory, takesOver: true })
  await t.rejects(second.ran, { code: 'worker-died' })
  t.match(await first.status(), { state: 'running' })
  first.supervisor.stop()
  await first.ran
})

t.test('without anybody to take over from it starts like any', async t => {
  const alone = play(t, sound, {}, () => {}, undefined, { takesOver: true })
  await alone.isReady()
  alone.supervisor.stop()
  await alone.ran
})
