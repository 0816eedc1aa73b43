// What the measurements of a whole host stand on: an edge with two workers in a temporary directory, in front of an origin
// in this process that counts what it is asked.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processTree } from '../cpu.js'
import { EDGE_READY } from '../peers/edge.js'
import { freePort } from '../ports.js'
import type { Processes } from '../processes.js'
import { startReady } from '../ready.js'
import { packageRoot } from '../root.js'

const READY_TIMEOUT_MS = 60_000
const WORKERS = 2

export interface Stage {
  port: number
  directory: string
  /** How often the origin was asked for this target. */
  asked(target: string): number
  /** All processes of the edge. */
  pids(): number[]
  stop(): Promise<void>
}

/** Targets are `/BYTES/anything`. */
export async function startStage(processes: Processes, bodyOf: (bytes: number) => Buffer): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'naij-host-'))
  const asked = new Map<string, number>()
  const origin = await startOrigin(asked, bodyOf)
  const port = await freePort()
  const file = join(directory, 'edge.json')
  await writeFile(file, configuration(port, (origin.address() as AddressInfo).port))
  const command = [process.execPath, join(packageRoot(), 'dist/edge/main.js'), '--config', file]
  const options = { directory, ready: EDGE_READY, timeoutMs: READY_TIMEOUT_MS }
  const { running } = await startReady(processes, 'edge', command, options)
  return {
    port,
    directory,
    asked: target => asked.get(target) ?? 0,
    pids: () => processTree(running.pid),
    stop: async () => {
      await processes.stop(running)
      origin.closeAllConnections()
      origin.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startOrigin(asked: Map<string, number>, bodyOf: (bytes: number) => Buffer): Promise<Server> {
  const server = createServer((request, response) => {
    const target = String(request.url)
    asked.set(target, (asked.get(target) ?? 0) + 1)
    const body = bodyOf(Number(target.split('/')[1]))
    response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Content-Length': body.length })
    response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

function configuration(port: number, originPort: number): string {
  return JSON.stringify({
    listen: [{ address: '127.0.0.1', port }],
    workers: WORKERS,
    cache: { directory: 'cache', bytesMax: '2GiB' },
    log: { access: 'off', level: 'warn' },
    sites: [{ hosts: ['*'], origins: [`http://127.0.0.1:${originPort}`] }],
  })
}

/** The same bytes at every call, that repeat nowhere near. */
export function noise(bytes: number): Buffer {
  const body = Buffer.allocUnsafe(bytes)
  let state = 0x2545f491
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    body[at] = state >>> 24
  }
  return body
}

/** `noise`, made once for each length. */
export function bodies(): (bytes: number) => Buffer {
  const made = new Map<number, Buffer>()
  return bytes => {
    const body = made.get(bytes) ?? noise(bytes)
    made.set(bytes, body)
    return body
  }
}
