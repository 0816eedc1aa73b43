// The demo from start to stop: the website, control and the edge as child processes, what to try, the edge's log.
// The command line and the signals are start.ts's.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { EDGE_READY } from '../peers/edge.js'
import { freePort, tryPort } from '../ports.js'
import { Problem } from '../problem.js'
import { describeExit, type Processes, type Running } from '../processes.js'
import { startReady } from '../ready.js'
import { readContent } from './content.js'
import { EDGE_TOKEN, startControl } from './control.js'
import { guide } from './guide.js'
import { readableLine } from './journal.js'
import { CONTROL_PORT, type DemoPorts, ORIGIN_PORT, PROGRAMS } from './options.js'
import { makeOrigin } from './origin.js'
import { makePhotographs, WIDTHS } from './photographs.js'

/** An edge that ends is noticed at once; one that is slow is on a slow machine. */
const EDGE_READY_TIMEOUT_MS = 120_000
/** Shorter than the time after which processes.ts kills. */
const DRAIN_TIMEOUT = '5s'

export interface DemoOptions extends Omit<DemoPorts, 'programs'> {
  /** The package directory. State goes to its var/. */
  root: string
  /** See `DemoPorts`. */
  programs?: string
  processes: Processes
  /** Prints one line. */
  print: (text: string) => void
  /** Ends the demo when aborted. */
  stop: AbortSignal
  /** Called with the edge when it is ready. */
  onEdge?: (edge: Running) => void
}

/**
 * Resolves after `stop`, when the edge and the origin have ended. Throws a Problem, after ending what runs, when a
 * port is taken, when the edge does not start, and when it ends by itself.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { processes, stop, programs = PROGRAMS } = options
  const stopping = () => void processes.stopAll()
  stop.addEventListener('abort', stopping)
  let origin: Server | undefined
  try {
    const port = await choosePort(options.port)
    const originPort = await chooseOriginPort(options.originPort, port)
    const content = await prepareContent(options, `http://127.0.0.1:${port}`)
    origin = makeOrigin(content)
    await listen(origin, originPort)
    await mkdir(join(options.root, 'var/run'), { recursive: true })
    const { root, print } = options
    const controlPort = await chooseControlPort(options.controlPort, [port, originPort])
    const control = await startControl({
      root,
      processes,
      print,
      port: controlPort,
      site: siteOf(originPort),
      programs,
    })
    const edge = await startEdge(options, join(options.root, programs, 'edge/main.js'), port)
    options.onEdge?.(edge)
    options.print(guide({ content, port, originPort, controlUrl: control.url }))
    await untilEnd([edge, control.running], stop)
  } catch (error) {
    // What fails while everything is being stopped fails because of that.
    if (!stop.aborted) throw error
  } finally {
    stop.removeEventListener('abort', stopping)
    await processes.stopAll()
    origin?.close()
    origin?.closeAllConnections()
  }
}

async function choosePort(port: number): Promise<number> {
  if (port === 0) return freePort()
  const found = await tryPort(port)
  if (found !== undefined) return found
  const message = `port ${port} on 127.0.0.1 is taken by another program (perhaps a demo that still runs).`
  throw new Problem(`${message}\nStop that, or choose another: npm start -- --port ${port + 1}`)
}

async function chooseOriginPort(wanted: number | undefined, edgePort: number): Promise<number> {
  const port = wanted ?? ORIGIN_PORT
  if (port === 0) return freePort()
  const found = port === edgePort ? undefined : await tryPort(port)
  if (found !== undefined) return found
  if (wanted !== undefined)
    throw new Problem(`port ${wanted} on 127.0.0.1 is taken: choose another --origin-port`)
  return freePort()
}

async function chooseControlPort(wanted: number | undefined, others: readonly number[]): Promise<number> {
  const port = wanted ?? CONTROL_PORT
  if (port === 0) return freePort()
  const found = others.includes(port) ? undefined : await tryPort(port)
  if (found !== undefined) return found
  if (wanted !== undefined)
    throw new Problem(`port ${wanted} on 127.0.0.1 is taken: choose another --control-port`)
  return freePort()
}

async function prepareContent({ root, print }: DemoOptions, address: string) {
  const directory = join(root, 'var/demo')
  if (!existsSync(directory)) print('Painting the photographs; the next start finds them on disk.')
  return readContent({ root, photographs: await makePhotographs(directory), address })
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(new Problem(`the origin cannot listen: ${error.message}`)))
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
}

async function startEdge(options: DemoOptions, main: string, port: number): Promise<Running> {
  const { root, processes, print } = options
  if (!existsSync(main)) throw new Problem(`${main} is not there: run \`npm run build\``)
  await writeFile(join(root, 'var/demo.json'), edgeConfiguration(port))
  const { running } = await startReady(
    processes,
    'the edge',
    [process.execPath, main, '--config', 'var/demo.json'],
    {
      directory: root,
      ready: EDGE_READY,
      timeoutMs: EDGE_READY_TIMEOUT_MS,
      onLine: line => print(readableLine(line)),
    },
  )
  return running
}

/** var/demo.json: paths are relative to the package directory, in which the edge is started. */
export function edgeConfiguration(port: number): string {
  const configuration = {
    listen: [{ address: '127.0.0.1', port }],
    cache: { directory: './var/cache', bytesMax: '1GiB' },
    run: { directory: './var/run' },
    drainTimeoutMs: DRAIN_TIMEOUT,
    control: { url: 'unix:./var/run/control.sock', tokenFile: `./${EDGE_TOKEN}` },
  }
  return `${JSON.stringify(configuration, null, 2)}\n`
}

/** What control has of the demo, and tells the edge. */
export function siteOf(originPort: number) {
  return {
    hosts: ['*'],
    origins: [`http://127.0.0.1:${originPort}`],
    optimise: { images: true, image: { sides: WIDTHS } },
  }
}

/** Resolves when `stop` is aborted; throws when one of them ends first. */
async function untilEnd(programs: readonly Running[], stop: AbortSignal): Promise<void> {
  const stopped = new Promise<undefined>(resolve => {
    if (stop.aborted) resolve(undefined)
    stop.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const ends = programs.map(async program => describeExit(program, await program.exited))
  const reason = await Promise.race([stopped, ...ends])
  if (reason !== undefined && !stop.aborted) throw new Problem(reason, 1)
}
