// An edge with two workers over a cache that was filled before, an origin that answers everything, and the ways to ask both.
import { type Agent, createServer, get, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Peer } from '../peers/peer.js'
import { CACHE_BYTES, FILLED_HOST, fillIndex } from './filled-index.js'
import type { Context } from './measurement.js'

const WORKERS = 2
const SIZES = { objectBytesMax: 64 * 1024 ** 2, cacheBytesMax: CACHE_BYTES }

export interface FilledEdge {
  peer: Peer
  /** From the start of its process until the first answer out of the cache, milliseconds. */
  startMs: number
  /** Whether a GET is answered out of the cache. */
  isHit(target: string, agent?: Agent): Promise<boolean>
  /** A POST to the admin socket; resolves with the status and the parsed answer. */
  purge(what: unknown): Promise<{ status: number; answer: Record<string, unknown> }>
  metric(name: string): Promise<number>
  stop(): Promise<void>
}

/** Fills, starts, and asks for `target` until it is answered. */
export async function startFilled(
  context: Context,
  name: string,
  { entries, kept }: { entries: number; kept: number },
  target: string,
): Promise<FilledEdge> {
  const directory = join(context.directory, name)
  await fillIndex(join(directory, 'cache'), entries, kept)
  const origin = createServer((_, response) => response.writeHead(404, { 'Cache-Control': 'no-store' }).end())
  await new Promise<void>(resolve => origin.listen(0, '127.0.0.1', resolve))
  const { port } = origin.address() as AddressInfo
  const [kind] = context.kinds
  const peer = kind!.create({
    name: kind!.name,
    directory,
    originUrl: `http://127.0.0.1:${port}`,
    processes: context.processes,
    core: undefined,
    host: { workers: WORKERS, ...SIZES },
  })
  const beganMs = performance.now()
  await peer.start()
  const isHit = (asked: string, agent?: Agent) => isAnsweredByCache(`${peer.url}${asked}`, agent)
  await isHit(target)
  const startMs = performance.now() - beganMs
  const socketPath = join(directory, 'run', 'edge.sock')
  return {
    peer,
    startMs,
    isHit,
    purge: what => post(socketPath, JSON.stringify(what)),
    metric: async metric =>
      Number(new RegExp(`^${metric} (.+)$`, 'm').exec(await read(socketPath, '/metrics'))?.[1]),
    async stop() {
      await peer.stop()
      origin.close()
      origin.closeAllConnections()
    },
  }
}

function isAnsweredByCache(url: string, agent: Agent | false = false): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent, headers: { host: FILLED_HOST } }, response => {
      response.resume()
      response.once('end', () => resolve(/; hit/.test(String(response.headers['cache-status']))))
      response.once('error', reject)
    })
    asked.once('error', reject)
  })
}

function post(
  socketPath: string,
  body: string,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/purges', method: 'POST' }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', piece => {
        text += piece
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, answer: JSON.parse(text) }))
    })
    asked.once('error', reject).end(body)
  })
}

function read(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get({ socketPath, path }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', piece => {
        text += piece
      })
      response.once('end', () => resolve(text))
    })
    asked.once('error', reject)
  })
}
