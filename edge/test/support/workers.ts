// A running edge with two real worker processes in front of one origin whose answers the play gives one by one, and
// clients that know which worker they speak to.
import { Agent } from 'node:http'
import type { Test } from 'tap'
import { runDirectoryOf } from '../shared/support/ground.js'
import { get, type Reply, type Request } from './client.js'
import type { Held } from './herd.js'
import { type Origin, startOrigin } from './origin.js'
import { type Reading, readingOf } from './reading.js'
import type { Settings } from './supervise-config.js'
import { type Edge, realMain, startEdge } from './supervise-play.js'
import { until } from './supervise-until.js'

export interface Workers {
  edge: Edge
  origin: Origin
  port: number
  runDirectory: string
  /** What the origin was asked below `/` and has not answered, in order. */
  held: Held[]
  /** A request over a connection of its own: any worker gets it. */
  ask(target: string): Promise<Reply>
  /** A connection to each worker: requests over it go to that one. */
  clients(): Promise<Client[]>
  /** Resolves when so many requests are in progress. */
  active(count: number): Promise<void>
  asks(count: number): Promise<void>
}

export interface Client {
  pid: number
  ask(target: string): Promise<Reply>
  /** An answer to be read while it comes; one at a time. */
  open(target: string, asked?: Pick<Request, 'method' | 'headers'>): Reading
}

/** Targets below this are answered by the play's client, not held. */
const whoTarget = '/who/'

export async function workersOf(
  t: Test,
  site: Record<string, unknown> = {},
  settings: Settings = {},
): Promise<Workers> {
  const held: Held[] = []
  const origin = await startOrigin(t, (request, response) => {
    if (request.url?.startsWith(whoTarget)) response.writeHead(204, { 'Cache-Control': 'no-store' }).end()
    else held.push({ request, response })
  })
  const sites = [{ name: 'play', hosts: ['*'], origins: [origin.url], ...site }]
  const runDirectory = runDirectoryOf(t)
  const edge = startEdge(t, { sites, run: { directory: runDirectory }, ...settings }, realMain)
  const port = Number(new URL(await edge.url()).port)
  const activeNow = async () => (await edge.status()).counters.active
  return {
    edge,
    origin,
    port,
    runDirectory,
    held,
    ask: target => get(port, target, { headers: { host: 'a' } }),
    clients: () => clientsOf(t, edge, port),
    active: async count => void (await until(async () => ((await activeNow()) === count ? true : undefined))),
    asks: async count => void (await until(() => (held.length === count ? true : undefined))),
  }
}

/** New connections until every worker has accepted one: its line in the log says whose it is. */
async function clientsOf(t: Test, edge: Edge, port: number): Promise<Client[]> {
  const pids = (await edge.status()).workers.map(({ pid }) => pid)
  const clients = new Map<number, Client>()
  for (let tries = 0; clients.size < pids.length; tries += 1) {
    if (tries === connectionsMax) throw new Error(`${tries} connections, and none to one of ${pids}`)
    const number = ++connections
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => agent.destroy())
    const ask = (target: string) => get(port, target, { agent, headers: { host: 'a' } })
    await ask(`${whoTarget}${number}`)
    const { pid } = (await edge.logged(`"${whoTarget}${number}"`)) as { pid: number }
    const open: Client['open'] = (target, asked) => readingOf(port, target, agent, asked)
    if (!clients.has(pid)) clients.set(pid, { pid, ask, open })
  }
  // In one order, so that the same place is the same worker in every answer.
  return pids.map(pid => clients.get(pid!)!)
}

const connectionsMax = 100
let connections = 0
