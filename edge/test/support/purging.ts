// A running edge with two real workers in front of an origin whose content has a version: what was purged must come with
// the version of after the purge, in every worker.
import { Agent } from 'node:http'
import type { Test } from 'tap'
import { runDirectoryOf } from '../shared/support/ground.js'
import { get, type Reply } from './client.js'
import { type Origin, startOrigin } from './origin.js'
import { type Edge, realMain, startEdge } from './supervise-play.js'
import { until } from './supervise-until.js'

export interface Purging {
  edge: Edge
  origin: Origin
  /** What the origin answers with. */
  content: { version: number; fields: Record<string, string> }
  /** Targets whose answers wait: the origin has sent the head and half of the body. */
  slow: Map<string, () => void>
  /** One request over a connection of its own. */
  ask(target: string, headers?: Record<string, string>): Promise<Reply>
  /** The same request to both workers, over connections that are known to be theirs. */
  askBoth(target: string): Promise<Reply[]>
  /** Purges, and sees that it was accepted; resolves with the number. */
  purge(what: Record<string, unknown>): Promise<number>
}

/** Below it answers wait for the play. */
export const slowPath = '/slow/'

export async function purgingOf(t: Test, cache: Record<string, unknown> = {}): Promise<Purging> {
  const content: Purging['content'] = { version: 1, fields: {} }
  const slow: Purging['slow'] = new Map()
  const origin = await startOrigin(t, (request, response) => {
    const url = request.url!
    const body = `${url} ${content.version}`
    const etag = `"${content.version}"`
    const fields = { 'cache-control': 'max-age=600', etag, ...content.fields }
    if (url.startsWith('/who/')) response.writeHead(204, { 'cache-control': 'no-store' }).end()
    else if (request.headers['if-none-match'] === etag) response.writeHead(304, fields).end()
    else if (url.startsWith(slowPath) && !slow.has(url)) {
      response.writeHead(200, { ...fields, 'content-length': body.length }).write(body.slice(0, 3))
      slow.set(url, () => response.end(body.slice(3)))
    } else response.writeHead(200, fields).end(body)
  })
  const sites = [
    { name: 'play', hosts: ['a', 'b'], origins: [origin.url], cache },
    { name: 'other', hosts: ['c'], origins: [origin.url], cache },
  ]
  const edge = startEdge(t, { sites, run: { directory: runDirectoryOf(t) }, drainQuietMs: '0ms' }, realMain)
  const port = Number(new URL(await edge.url()).port)
  await until(async () => ((await edge.status()).keeper.state === 'keeping' ? true : undefined))
  const agents = await agentsOf(t, edge, port)
  return {
    edge,
    origin,
    content,
    slow,
    ask: (target, headers = {}) => get(port, target, { headers: { host: 'a', ...headers } }),
    askBoth: target => Promise.all(agents.map(agent => get(port, target, { agent, headers: { host: 'a' } }))),
    purge: async what => {
      const { status, body } = await edge.purge(what)
      if (status !== 200) throw new Error(`${status} ${body}`)
      return (JSON.parse(body) as { sequence: number }).sequence
    },
  }
}

/** A connection to each worker. */
async function agentsOf(t: Test, edge: Edge, port: number): Promise<Agent[]> {
  const pids = (await edge.status()).workers.map(({ pid }) => pid!)
  const found = new Map<number, Agent>()
  for (let number = 0; found.size < pids.length; number += 1) {
    if (number === 100) throw new Error('no connection to one of the workers')
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => agent.destroy())
    await get(port, `/who/${number}`, { agent, headers: { host: 'a' } })
    const { pid } = (await edge.logged(`"/who/${number}"`)) as { pid: number }
    if (found.has(pid)) agent.destroy()
    else found.set(pid, agent)
  }
  return [...found.values()]
}
