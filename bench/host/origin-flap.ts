// `origin-flap`: errors that clients see while one of three origins fails, in one way after the other, and returns.
import { mkdir } from 'node:fs/promises'
import { Agent, createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Peer, PeerKind } from '../peers/peer.js'
import type { Context, Measurement } from './measurement.js'

const WORKERS = 2
const CLIENTS = 16
const ORIGINS = 3
const BODY = 'x'.repeat(1_024)
/** No answer may take longer. */
const ANSWER_TIMEOUT_MS = 10_000
const SIZES = { objectBytesMax: 64 * 1024 ** 2, cacheBytesMax: 256 * 1024 ** 2 }

/** `refusing`: nobody listens. `resetting`: the connection ends instead of an answer. `failing`: 503. */
type Mode = 'good' | 'refusing' | 'resetting' | 'failing'
const MODES: readonly Mode[] = ['good', 'refusing', 'good', 'failing', 'good', 'resetting', 'good']

interface Phase {
  mode: Mode
  requests: number
  /** Other statuses than 200, broken and late answers. */
  errors: number
}

interface Sample {
  peer: string
  phases: Phase[]
}

export const originFlap: Measurement = {
  name: 'origin-flap',
  summary: 'errors that clients see of GETs while one of three origins fails in three ways, and returns',
  hasPeers: true,
  async run(context) {
    const samples: Sample[] = []
    for (const [at, kind] of context.kinds.entries()) samples.push(await sampleOf(kind, at, context))
    return {
      lines: samples.map(describe),
      isKept: errorsOf(samples[0]!) === 0,
      faults: samples.flatMap(faultsOf),
      samples,
    }
  },
}

async function sampleOf(kind: PeerKind, at: number, context: Context): Promise<Sample> {
  const origins = await Promise.all(Array.from({ length: ORIGINS }, () => startOrigin()))
  const directory = join(context.directory, `origin-flap-${at}`)
  await mkdir(directory, { recursive: true })
  const [originUrl, ...furtherOrigins] = origins.map(({ url }) => url)
  const peer = kind.create({
    name: kind.name,
    directory,
    originUrl: originUrl!,
    furtherOrigins,
    processes: context.processes,
    core: undefined,
    host: { workers: WORKERS, ...SIZES },
  })
  try {
    await peer.start()
    return { peer: kind.name, phases: await flap(peer, origins[1]!, context.scale.seconds * 1_000) }
  } finally {
    await peer.stop()
    await Promise.all(origins.map(origin => origin.become('refusing')))
  }
}

async function flap(peer: Peer, origin: FlappingOrigin, phaseMs: number): Promise<Phase[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const phases: Phase[] = []
  for (const mode of MODES) {
    await origin.become(mode)
    const phase: Phase = { mode, requests: 0, errors: 0 }
    const client = new AbortController()
    const asking = Array.from({ length: CLIENTS }, async () => {
      while (!client.signal.aborted) {
        phase.requests += 1
        if (!(await isAnswered(`${peer.url}/flap`, agent))) phase.errors += 1
      }
    })
    await setTimeoutPromise(phaseMs)
    client.abort()
    await Promise.all(asking)
    phases.push(phase)
  }
  agent.destroy()
  return phases
}

function isAnswered(url: string, agent: Agent): Promise<boolean> {
  return new Promise(resolve => {
    const request = get(url, { agent, timeout: ANSWER_TIMEOUT_MS }, response => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.once('error', () => resolve(false))
      response.once('close', () => resolve(response.statusCode === 200 && bytes === BODY.length))
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
  })
}

interface FlappingOrigin {
  readonly url: string
  become(mode: Mode): Promise<void>
}

async function startOrigin(): Promise<FlappingOrigin> {
  let mode: Mode = 'good'
  const server = createServer((request, response) => {
    if (mode === 'resetting') return void request.socket.destroy()
    response.writeHead(mode === 'failing' ? 503 : 200, { 'Cache-Control': 'no-store' }).end(BODY)
  })
  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async become(next) {
      mode = next
      if (next === 'refusing') await close(server)
      else if (!server.listening) await listen(server, port)
    },
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

export function errorsOf({ phases }: Sample): number {
  return phases.reduce((sum, { errors }) => sum + errors, 0)
}

/** Without requests nothing is shown. */
export function faultsOf({ peer, phases }: Sample): string[] {
  return phases
    .filter(({ requests }) => requests === 0)
    .map(({ mode }) => `${peer}: no request while ${mode}`)
}

export function describe(sample: Sample): string {
  const bad = sample.phases.filter(({ errors }) => errors > 0)
  const where = bad.map(({ mode, errors, requests }) => `${errors} of ${requests} while ${mode}`)
  const total = sample.phases.reduce((sum, { requests }) => sum + requests, 0)
  const of = where.length > 0 ? ` (${where.join(', ')})` : ''
  return `${sample.peer}: ${errorsOf(sample)} errors in ${total} requests${of}`
}
