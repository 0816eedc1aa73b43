// The edge under test: one worker, one site, access log off, an empty cache. Also a second checkout's edge.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { checkoutVersion } from '../machine.js'
import { freePort } from '../ports.js'
import { startListening, startReady } from '../ready.js'
import { originsOf, type Peer, type PeerContext, type PeerKind, programPeer } from './peer.js'

const READY_TIMEOUT_MS = 60_000

/** The line on stdout that says the edge is up. Group 1 is its first URL. */
export const EDGE_READY = /^naij-edge ready (https?:\/\/\S+)/

/** The edge built in this checkout. */
export function edgeKind(root: string): PeerKind {
  return kindOf('edge', root)
}

/** The same with its other engine. */
export function nodeEdgeKind(root: string): PeerKind {
  return kindOf('edge-node', root, 'node')
}

/** The edge built in another checkout, to compare a commit with another one in the same run. */
export function otherEdgeKind(directory: string): PeerKind {
  const root = resolve(directory)
  return kindOf(`edge@${basename(root)}`, root)
}

/** The same with a line in its log for each answer, written to a file. */
export function loggingEdgeKind(root: string): PeerKind {
  return kindOf('edge-log', root, undefined, true)
}

function kindOf(name: string, root: string, engine?: 'node', logs = false): PeerKind {
  const main = join(root, 'dist/edge/main.js')
  return {
    name,
    tools: [],
    problem: () => (existsSync(main) ? undefined : `${main} is not there: run \`npm run build\` in ${root}`),
    version: () => checkoutVersion(root),
    create: context => createEdge(main, { ...context, logs, engine: context.isHttp2 ? 'node' : engine }),
  }
}

function createEdge(
  main: string,
  context: PeerContext & { engine: 'node' | undefined; logs: boolean },
): Peer {
  const { processes, core, directory, logs } = context
  return programPeer(context, async () => {
    const port = await freePort()
    const configuration = edgeConfiguration(port, originsOf(context), context)
    const file = join(directory, 'edge.json')
    await mkdir(directory, { recursive: true })
    await writeFile(file, configuration)
    const environment = Object.entries(context.environment ?? {}).map(([name, value]) => `${name}=${value}`)
    const command = ['env', ...environment, process.execPath, main, '--config', file]
    const options = { core, directory, timeoutMs: READY_TIMEOUT_MS }
    if (logs) {
      const outputFile = join(directory, 'access.log')
      const running = await startListening(processes, context.name, command, { ...options, port, outputFile })
      return { running, url: `${context.secure ? 'https' : 'http'}://127.0.0.1:${port}`, configuration }
    }
    const { running, match } = await startReady(processes, context.name, command, {
      ...options,
      ready: EDGE_READY,
    })
    return { running, url: match[1]!, configuration }
  })
}

/** The edge's config file for a run, as JSON. Paths are relative: a socket's may be no longer than 107 bytes. */
export function edgeConfiguration(
  port: number,
  origins: readonly string[],
  {
    host,
    cacheBytes,
    workers = 1,
    secure,
    engine,
    logs,
  }: Pick<PeerContext, 'host' | 'cacheBytes' | 'workers' | 'secure'> & {
    engine?: 'node' | undefined
    logs?: boolean
  } = {},
): string {
  const bytesMax = host?.cacheBytesMax ?? cacheBytes
  const sizes = {
    ...(host && { objectBytesMax: host.objectBytesMax }),
    ...(bytesMax !== undefined && { bytesMax }),
    // What others leave to the page cache of the system, it keeps itself: half of what is cached, over all workers.
    ...(cacheBytes !== undefined && { hotBytesMax: Math.floor(cacheBytes / 2 / workers) }),
  }
  const tls = secure && {
    tls: { certificates: [{ certFile: secure.certFile, keyFile: secure.keyFile }] },
  }
  const configuration = {
    listen: [{ address: '127.0.0.1', port, ...(engine && { engine }), ...tls }],
    workers: host?.workers ?? workers,
    cache: { directory: 'cache', ...sizes },
    log: { access: logs ? 'json' : 'off', level: 'warn' },
    ...host?.more,
    sites: [{ hosts: ['*'], origins, ...host?.site }],
  }
  return `${JSON.stringify(configuration, null, 2)}\n`
}
