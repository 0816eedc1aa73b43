// The socket at which workers ask for forms: lines of JSON, a job with a number, and its outcome with the same one.
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Job, Making, Outcome } from './job.js'

export interface Asked {
  readonly id: number
  /** Absent: what was asked under this number is not wanted any more. */
  readonly job?: Job
}

export interface Told {
  readonly id: number
  readonly outcome: Outcome
}

/** A line that is longer was not written by a worker. */
const lineBytesMax = 256 * 1024

/** Rejects when it cannot listen there. What another left there is replaced. */
export async function openHatch(path: string, making: Making): Promise<Server> {
  const server = createServer(socket => serve(socket, making))
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, readableAll: false }, resolve)
  })
  return server
}

function serve(socket: Socket, making: Making): void {
  const wanted = new Map<number, AbortController>()
  // A worker that goes takes its wishes with it.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    for (const controller of wanted.values()) controller.abort()
  })
  const lines = createInterface({ input: socket })
  lines.on('error', () => socket.destroy())
  lines.on('line', line => {
    const asked = line.length <= lineBytesMax ? parse(line) : undefined
    if (asked === undefined) return void socket.destroy()
    const { id, job } = asked
    if (job === undefined) return wanted.get(id)?.abort()
    const controller = new AbortController()
    wanted.set(id, controller)
    void making.make(job, controller.signal).then(outcome => {
      wanted.delete(id)
      if (socket.writable) socket.write(`${JSON.stringify({ id, outcome } satisfies Told)}\n`)
    })
  })
}

function parse(line: string): Asked | undefined {
  try {
    return JSON.parse(line) as Asked
  } catch {
    // Nobody but our own workers can connect: one that writes something else has gone wrong, and is cut.
    return undefined
  }
}
