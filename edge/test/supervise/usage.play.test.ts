// What a client has got whole is counted once at control, whoever is killed meanwhile: workers, the edge, control. Longer:
// NAIJ_TEST_KILLS=50.

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { get } from '../support/client.js'
import { controlOf, ledEdge, type TestControl } from '../support/control.js'
import { startOrigin } from '../support/origin.js'
import type { Edge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const kills = Number(process.env.NAIJ_TEST_KILLS ?? 6)
const clients = 4

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Asks until it is told to stop; what was got whole, and what was not. */
function asking(port: number) {
  const counts = { whole: 0, broken: 0, bytes: 0, statuses: {} as Record<number, number> }
  let isOver = false
  const ask = async (number: number) => {
    for (let at = 0; !isOver; at += 1) {
      try {
        const target = `/${at % 20 < 15 ? at % 3 : `${number}-${at}`}`
        // An answer is an answer, also one that says that the worker is about to leave.
        const { body, status } = await get(port, target, { headers: { host: 'shop.example' } })
        counts.whole += 1
        counts.bytes += body.length
        counts.statuses[status] = (counts.statuses[status] ?? 0) + 1
      } catch (error) {
        // While nobody listens nothing can be counted.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') counts.broken += 1
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    }
  }
  const all = Promise.all(Array.from({ length: clients }, (_, number) => ask(number)))
  const stop = async () => {
    isOver = true
    await all
    return counts
  }
  return { counts, stop }
}

async function usage(control: TestControl): Promise<Record<string, number>> {
  return (await control.ask('GET', '/usage?site=shop&from=2020-01-01T00:00:00Z&granularity=month')).body
    .totals
}

t.test('whoever is killed, nothing is lost and nothing is counted twice', needsAddon, async (t: Test) => {
  const origin = await startOrigin(t, ({ url }, response) => {
    const body = Buffer.alloc(url!.length > 2 ? 100_000 : 5_000, 'x')
    response.writeHead(200, { 'cache-control': 'max-age=600', 'content-length': body.length }).end(body)
  })
  const control = await controlOf(t)
  await control.activate('shop', { hosts: ['*'], origins: [origin.url], optimise: { compress: false } })
  const home = runDirectoryOf(t)
  const port = await freePort()
  const listen = [{ address: '127.0.0.1', port }]
  const link = { ...control.link, name: 'a', usageMs: '100ms' }
  const start = () => ledEdge(t, control, { name: 'a', home, more: { listen, control: link } })
  let edge: Edge = start()
  await edge.ready()
  const { counts, stop } = asking(port)
  const victims = {
    worker: async () => {
      const { workers } = await edge.status()
      const running = workers.filter(({ state }) => state === 'ready')
      if (running.length > 0)
        process.kill(running[Math.floor(Math.random() * running.length)]!.pid!, 'SIGKILL')
    },
    edge: async () => {
      edge.child.kill('SIGKILL')
      await edge.ended
      edge = start()
      await edge.ready()
    },
    control: async () => {
      await control.kill()
      await control.start()
    },
  }
  for (let kill = 0; kill < kills; kill += 1) {
    const target = counts.whole + 50 + Math.floor(Math.random() * 300)
    await until(() => (counts.whole >= target ? true : undefined))
    await victims[(['worker', 'edge', 'control'] as const)[kill % 3]!]()
  }
  const { whole, broken, bytes } = await stop()
  const used = await until(async () => {
    const now = await usage(control)
    return now.requests! >= whole ? now : undefined
  })
  // Until nothing more comes.
  await until(async () => ((await edge.status()).counters.active === 0 ? true : undefined))
  t.comment(
    `${kills} kills: ${whole} got whole, ${broken} not, ${used.requests} counted; ${JSON.stringify(counts.statuses)}`,
  )
  t.ok(used.requests! <= whole + broken, 'only what was cut off may be counted beside')
  t.ok(used.bytesOut! >= bytes, 'with their heads')
  edge.child.kill('SIGTERM')
  await edge.ended
  t.ok((await usage(control)).requests! <= whole + broken)
})
