// Several origins behind real workers: who fails is left out, by all workers at once; who comes back is asked again; and
// no client notices.
import t, { type Test } from 'tap'
import { get } from '../support/client.js'
import { type Origin, startOrigin } from '../support/origin.js'
import { type Edge, realMain, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const ejection = { failures: 3, ejectMs: '400ms', ejectMaxMs: '400ms', slowStartMs: 0 }

interface Played {
  edge: Edge
  origins: Origin[]
  ask(): Promise<{ status: number; text: string }>
  /** What /status says of each origin. */
  states(): Promise<string[]>
}

async function play(t: Test, count: number, site: Record<string, unknown>, backups = 0): Promise<Played> {
  const origins: Origin[] = []
  for (let at = 0; at < count; at += 1) {
    const script = (
      _: unknown,
      response: { setHeader(name: string, value: string): void; end(body: string): void },
    ) => {
      response.setHeader('Cache-Control', 'no-store')
      response.end(`${at}`)
    }
    origins.push(await startOrigin(t, script))
  }
  const listed = origins.map(({ url }, at) => ({ url, backup: at >= count - backups }))
  const edge = startEdge(
    t,
    { sites: [{ name: 'play', hosts: ['*'], origins: listed, ejection, ...site }] },
    realMain,
  )
  const port = Number(new URL(await edge.url()).port)
  return {
    edge,
    origins,
    ask: () => get(port, '/', { headers: { host: 'a' } }),
    states: async () => (await edge.status()).origins.map(({ state }) => state),
  }
}

/** So many requests, over new connections: both workers get some. */
async function answers(ask: Played['ask'], count: number): Promise<Map<string, number>> {
  const all = new Map<string, number>()
  for (let at = 0; at < count; at += 10) {
    const some = await Promise.all(Array.from({ length: 10 }, ask))
    for (const { status, text } of some) {
      const key = status === 200 ? text : `${status}`
      all.set(key, (all.get(key) ?? 0) + 1)
    }
  }
  return all
}

t.test('one of three fails and comes back: no client notices, and it is left out meanwhile', async t => {
  const { edge, origins, ask, states } = await play(t, 3, {})
  t.strictSame([...(await answers(ask, 60)).keys()].sort(), ['0', '1', '2'])
  const { script } = origins[1]
  origins[1].script = request => void request.socket.destroy()
  t.strictSame([...(await answers(ask, 200)).keys()].sort(), ['0', '2'])
  t.match(await edge.logged('"an origin is left out"'), { origin: origins[1].url, site: 'play', level: 40 })
  const left = edge.stdout.filter(line => line.includes('an origin is left out')).length
  t.ok(left >= 1 && left <= 10, `${left} lines for all workers`)
  origins[1].script = script
  await edge.logged('"an origin is asked again"')
  await until(async () => ((await answers(ask, 20)).has('1') ? true : undefined))
  await until(async () => ((await states()).every(state => state === 'good') ? true : undefined))
  const status = await edge.status()
  t.equal(status.counters.results.error, 0)
  const [, failed] = status.origins
  t.match(failed, { reason: 'origin-closed', since: /Z$/ })
  t.ok(failed.failures >= 3 && failed.failures < failed.requests)
  t.ok(status.origins.some(({ retries }) => retries > 0))
  t.match(
    (await edge.admin('/metrics')).body,
    new RegExp(`naij_origin_good\\{site="play",origin="${origins[1].url}"\\} 1`),
  )
})

t.test('an origin that refuses connections, or answers 503, costs no client anything either', async t => {
  const { origins, ask } = await play(t, 2, {})
  origins[0].script = (_, response) => void response.writeHead(503).end('no')
  t.strictSame([...(await answers(ask, 100)).keys()], ['1'])
  await origins[0].stop()
  t.strictSame([...(await answers(ask, 100)).keys()], ['1'])
})

t.test('checks take an origin out for all workers, and the backup comes in', async t => {
  const healthCheck = { path: '/healthz', intervalMs: '100ms', downAfter: 2, goodAfter: 2 }
  const { edge, origins, ask, states } = await play(t, 2, { healthCheck }, 1)
  t.strictSame([...(await answers(ask, 20)).keys()], ['0'])
  const { script } = origins[0]
  origins[0].script = (request, response) =>
    request.url === '/healthz' ? void response.writeHead(500).end() : script(request, response)
  t.match(await edge.logged('"an origin is down"'), { origin: origins[0].url, code: 'status-500' })
  t.strictSame(await states(), ['down', 'good'])
  t.strictSame([...(await answers(ask, 40)).keys()], ['1'])
  origins[1].script = origins[0].script
  await until(async () => ((await states()).includes('good') ? undefined : true))
  const refused = await ask()
  t.match(refused, { status: 503, headers: { 'retry-after': '1', 'cache-status': /detail=no-good-origin/ } })
  origins[0].script = script
  await edge.logged('"an origin is up"')
  t.strictSame([...(await answers(ask, 20)).keys()], ['0'])
})

t.test('a reload that does not touch the origins leaves their connections and their state alone', async t => {
  const healthCheck = { path: '/healthz', intervalMs: '100ms', downAfter: 1 }
  const { edge, origins, ask, states } = await play(t, 2, { healthCheck })
  const ports = new Set<number | undefined>()
  const { script } = origins[0]
  origins[0].script = (request, response) => {
    if (request.url !== '/healthz') ports.add(request.socket.remotePort)
    script(request, response)
  }
  origins[1].script = request => void request.socket.destroy()
  await until(async () => ((await states())[1] === 'down' ? true : undefined))
  for (let at = 0; at < 20; at += 1) await ask()
  const before = ports.size
  const listed = origins.map(({ url }) => ({ url }))
  edge.rewrite({
    sites: [{ name: 'play', hosts: ['*', 'b.example'], origins: listed, ejection, healthCheck }],
  })
  edge.child.kill('SIGHUP')
  await edge.logged('"new configuration in use"')
  t.equal((await states())[1], 'down')
  for (let at = 0; at < 20; at += 1) t.match(await ask(), { status: 200, text: '0' })
  t.equal(ports.size, before, 'the same connections')
})
