// `slow-readers`: many clients that read a large object slowly, while it is fetched and when it is stored: what that costs
// in memory.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Problem } from '../problem.js'
import { herd } from './herd.js'
import type { Measurement } from './measurement.js'
import { noise, type Stage, startStage } from './stage.js'

const BODY_BYTES = 50 * 1_048_576
const BYTES_PER_SECOND = 100_000
const TICK_MS = 100
const GROWTH_MB_MAX = 64
const MB = 1_048_576

export const slowReaders: Measurement = {
  name: 'slow-readers',
  summary: `clients that read a 50 MB object at ${BYTES_PER_SECOND / 1000} KB/s: growth of anonymous memory and zones`,
  async run(processes, { clients, seconds }) {
    const body = noise(BODY_BYTES)
    const stage = await startStage(processes, () => body)
    try {
      // What one answer of that size leaves behind is not the readers'.
      await herd(stage.port, `/${BODY_BYTES}/first`, 2, body)
      const samples = []
      for (const name of ['fetched', 'stored']) {
        samples.push({ name, ...(await growth(stage, `/${BODY_BYTES}/slow`, clients, seconds)) })
      }
      return {
        lines: samples.map(({ name, growthMb, readMb }) => {
          return `${name}: ${growthMb.toFixed(1)} MB more (at most ${GROWTH_MB_MAX}) for ${clients} readers, ${readMb.toFixed(0)} MB read`
        }),
        isKept: samples.every(({ growthMb }) => growthMb < GROWTH_MB_MAX),
        samples,
      }
    } finally {
      await stage.stop()
    }
  },
}

async function growth(stage: Stage, target: string, clients: number, seconds: number) {
  const beforeMb = memoryMb(stage)
  const readers = Array.from({ length: clients }, () => new SlowReader(stage.port, target))
  let highestMb = 0
  for (let second = 0; second < seconds; second++) {
    await new Promise(resolve => setTimeout(resolve, 1_000))
    highestMb = Math.max(highestMb, memoryMb(stage))
  }
  const readMb = readers.reduce((sum, { bytes }) => sum + bytes, 0) / MB
  const broken = readers.filter(({ isBroken }) => isBroken).length
  for (const reader of readers) reader.stop()
  if (broken > 0) throw new Problem(`slow-readers: ${broken} of ${clients} answers broke off`, 1)
  return { growthMb: highestMb - beforeMb, beforeMb, readMb }
}

class SlowReader {
  bytes = 0
  isBroken = false
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout
  #isStopped = false

  constructor(port: number, target: string) {
    this.#socket = connect({ port, host: '127.0.0.1' })
    this.#socket.write(`GET ${target} HTTP/1.1\r\nHost: bench\r\n\r\n`)
    let allowed = 0
    this.#socket.on('data', chunk => {
      this.bytes += chunk.length
      if (this.bytes >= allowed) this.#socket.pause()
    })
    this.#timer = setInterval(() => {
      allowed += (BYTES_PER_SECOND * TICK_MS) / 1_000
      if (this.bytes < allowed) this.#socket.resume()
    }, TICK_MS)
    const end = (): void => {
      this.isBroken ||= !this.#isStopped
    }
    this.#socket.on('error', end)
    this.#socket.on('close', end)
  }

  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
    this.#socket.destroy()
  }
}

/** Anonymous memory of all processes, shared pages by their share, and the memory that they share as files. */
function memoryMb(stage: Stage): number {
  let kb = 0
  for (const pid of stage.pids()) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    kb += Number(/^Pss_Anon:\s+(\d+)/m.exec(text)?.[1] ?? 0)
  }
  return kb / 1024 + zoneBytes(stage) / MB
}

function zoneBytes({ directory }: Stage): number {
  const run = join(directory, 'run')
  const zones = readdirSync(run).filter(name => name.startsWith('zones-') || name.startsWith('purge-'))
  return zones.reduce((sum, name) => sum + statSync(join(run, name)).blocks * 512, 0)
}
