// The edge under torture: started, asked how it is, disturbed, ended.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillSlots, joinGround } from '../../edge/shared/join.js'
import { processTree } from '../cpu.js'
import { ifThere } from '../if-there.js'
import { EDGE_READY } from '../peers/edge.js'
import { freePort } from '../ports.js'
import type { Processes, Running } from '../processes.js'
import { startReady } from '../ready.js'
import { packageRoot } from '../root.js'

const READY_TIMEOUT_MS = 60_000

export interface Health {
  active: number
  /** By process id: open descriptors. */
  descriptors: Map<number, number>
  /** Fills that somebody leads or that nobody took over. */
  slotsInUse: number
  /** Logs of fills in the run directory. */
  logs: string[]
}

export class Victim {
  readonly directory = mkdtempSync(join(tmpdir(), 'naij-torture-'))
  port = 0
  #running: Running | undefined

  constructor(
    readonly processes: Processes,
    readonly originUrl: string,
    readonly workers: number,
  ) {}

  async prepare(): Promise<void> {
    this.port = await freePort()
    this.writeConfiguration(5_000)
  }

  async start(): Promise<void> {
    const { directory } = this
    const command = [process.execPath, join(packageRoot(), 'dist/edge/main.js'), '--config', 'edge.json']
    const options = { directory, ready: EDGE_READY, timeoutMs: READY_TIMEOUT_MS }
    this.#running = (await startReady(this.processes, 'edge', command, options)).running
  }

  /** What a reload reads: another value of something harmless is another state of the site. */
  writeConfiguration(refreshFailMs: number): void {
    const configuration = {
      listen: [{ address: '127.0.0.1', port: this.port }],
      workers: this.workers,
      // What is kept in memory is soon all that may be: then memory that grows is none of it.
      cache: { directory: 'cache', bytesMax: '256MiB', sliceBytes: '256KiB', hotBytesMax: '8MiB' },
      log: { access: 'off', level: 'error' },
      drainTimeoutMs: '5s',
      sites: [
        {
          name: 'torture',
          hosts: ['*'],
          origins: [this.originUrl],
          cache: { collapseWaitMs: '5s', refreshFailMs },
        },
      ],
    }
    writeFileSync(join(this.directory, 'edge.json'), JSON.stringify(configuration))
  }

  get pid(): number {
    return this.#running?.pid ?? 0
  }

  /** All but the supervisor. */
  children(): number[] {
    return processTree(this.pid).slice(1)
  }

  get hasEnded(): boolean {
    return this.#running?.child.exitCode !== null || this.#running.child.signalCode !== null
  }

  async ended(): Promise<void> {
    await this.#running?.exited
  }

  async stop(): Promise<number | null> {
    if (this.#running === undefined) return null
    await this.processes.stop(this.#running)
    return (await this.#running.exited).code
  }

  async health(): Promise<Health> {
    const run = join(this.directory, 'run')
    const status = JSON.parse(await admin(join(run, 'edge.sock'), '/status'))
    const pids = processTree(this.pid)
    return {
      active: status.counters.active,
      descriptors: new Map(pids.flatMap(descriptorsOf)),
      slotsInUse: await slotsInUse(run),
      logs: readdirSync(run).filter(name => name.startsWith('fill-')),
    }
  }

  /** A purge may find nobody who can take it: the one who keeps the cache was killed, or all were. */
  async purge(purge: object): Promise<void> {
    const path = join(this.directory, 'run/edge.sock')
    await admin(path, '/purges', JSON.stringify(purge)).catch((error: NodeJS.ErrnoException) => {
      if (!absentCodes.has(error.code ?? '')) throw error
    })
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

async function slotsInUse(runDirectory: string): Promise<number> {
  const nothing = (): void => {}
  const options = { runDirectory, slots: fillSlots, onFrame: nothing, onGone: nothing, onTrouble: nothing }
  const standing = await joinGround(options)
  const { free, unshared, ...used } = standing.ground.fills.census()
  await standing.leave()
  return Object.values(used).reduce((sum, count) => sum + count, 0)
}

const absentCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE'])

function admin(socketPath: string, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const outgoing = request({ socketPath, path, method }, incoming => {
      const chunks: Buffer[] = []
      incoming.on('data', chunk => chunks.push(chunk))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        // That nobody can do it now is one thing, that it is not understood another.
        if (incoming.statusCode! >= 400 && incoming.statusCode! < 500) reject(new Error(`${path}: ${text}`))
        else resolve(text)
      })
      incoming.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** None of a process that has ended since it was listed. */
function descriptorsOf(pid: number): [number, number][] {
  const names = ifThere(() => readdirSync(`/proc/${pid}/fd`))
  return names === undefined ? [] : [[pid, names.length]]
}
