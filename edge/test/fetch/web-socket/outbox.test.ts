// The outbox in front of a real socket whose peer reads when it is told to.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Spool, type SpoolBudget } from '../../../accept/spool.js'
import { Outbox } from '../../../fetch/web-socket/outbox.js'
import { digest, noise, until } from '../../support/play.js'

interface Stage {
  outbox: Outbox
  budget: SpoolBudget
  peer: Socket
  failures: Error[]
  progress(): number
  received(): Buffer
}

async function stage(t: Test, memoryBytesMax: number, spoolBytesMax = 100_000_000): Promise<Stage> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>(resolve => server.once('connection', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const peer = await accepted
  t.teardown(() => {
    socket.destroy()
    peer.destroy()
    server.close()
  })
  const chunks: Buffer[] = []
  peer.pause()
  peer.on('data', chunk => chunks.push(chunk))
  const budget = { directory: t.testdir(), used: 0, max: spoolBytesMax }
  const failures: Error[] = []
  let progress = 0
  const outbox = new Outbox(socket, {
    memoryBytesMax,
    makeSpool: () => new Spool(budget),
    onProgress: () => {
      progress += 1
    },
    onFailure: error => failures.push(error),
  })
  return { outbox, budget, peer, failures, progress: () => progress, received: () => Buffer.concat(chunks) }
}

t.test(
  'what a slow peer does not take waits in memory up to the limit, then in the file, and comes in order',
  async t => {
    for (const memoryBytesMax of [0, 100_000]) {
      const { outbox, budget, peer, received, progress } = await stage(t, memoryBytesMax)
      const sent: Buffer[] = []
      for (let at = 0; at < 200; at += 1) {
        const bytes = noise(at % 3 === 0 ? 10 : 90_000 + at)
        sent.push(bytes)
        outbox.write(bytes)
      }
      t.notOk(outbox.isHandedOver)
      t.ok(budget.used > 0)
      t.ok(outbox.memoryBytes <= memoryBytesMax + 91_000)
      peer.resume()
      const whole = Buffer.concat(sent)
      await until(() => received().length === whole.length)
      t.equal(digest(received()), digest(whole))
      t.ok(outbox.isHandedOver)
      t.ok(progress() > 0)
      t.equal(budget.used, 0, 'an empty file takes no room')
      outbox.close()
      t.equal(budget.used, 0)
    }
  },
)

t.test('what has no room is refused and the rest goes on', async t => {
  const { outbox, peer, received } = await stage(t, 0, 200_000)
  const taken: Buffer[] = []
  t.throws(
    () => {
      for (;;) {
        const bytes = noise(100_000)
        outbox.write(bytes)
        taken.push(bytes)
      }
    },
    { code: 'spool-full' },
  )
  peer.resume()
  const whole = Buffer.concat(taken)
  await until(() => received().length === whole.length)
  t.equal(digest(received()), digest(whole))
})

t.test('closed: the file is given back, nothing more is taken', async t => {
  const { outbox, budget } = await stage(t, 0)
  for (let at = 0; at < 100; at += 1) outbox.write(noise(90_000))
  t.ok(budget.used > 0)
  outbox.close()
  outbox.close()
  outbox.write(noise(10))
  await until(() => budget.used === 0)
})
