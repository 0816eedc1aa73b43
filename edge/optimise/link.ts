// A worker's end of the optimiser's socket: asks, and knows what to say when nobody answers. Connects when something is to be
// asked, and again when the other process was replaced; what was asked then is asked once more.
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Told } from './hatch.js'
import type { Job, Making, Outcome } from './job.js'

/** A new process is there again after so long; who waits for longer is told that it failed. */
const patienceMs = 5_000
const againMs = 200
/** A job that was lost with its process so often may be what ended it. */
const triesMax = 2

interface Pending {
  readonly job: Job
  readonly sinceMs: number
  readonly resolve: (outcome: Outcome) => void
  tries: number
}

export class OptimiserLink implements Making {
  readonly #path: string
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #socket: Socket | undefined
  #isOpen = false
  #timer: NodeJS.Timeout | undefined

  constructor(path: string) {
    this.#path = path
  }

  make(job: Job, signal?: AbortSignal): Promise<Outcome> {
    return new Promise(resolve => {
      const id = ++this.#lastId
      const pending = { job, sinceMs: performance.now(), resolve, tries: 0 }
      this.#pending.set(id, pending)
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true })
      if (this.#isOpen) this.#send(id, pending)
      else this.#connect()
    })
  }

  #send(id: number, pending: Pending): void {
    pending.tries += 1
    this.#socket!.write(`${JSON.stringify({ id, job: pending.job })}\n`)
  }

  #cancel(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    if (this.#isOpen) this.#socket!.write(`${JSON.stringify({ id })}\n`)
    pending.resolve('cancelled')
  }

  #connect(): void {
    if (this.#socket !== undefined || this.#timer !== undefined) return
    const socket = connect(this.#path)
    this.#socket = socket
    // The worker may end whatever is asked here.
    socket.unref()
    socket.on('connect', () => {
      this.#isOpen = true
      for (const [id, pending] of this.#pending) this.#send(id, pending)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#closed())
    createInterface({ input: socket })
      .on('line', line => {
        const told = parse(line)
        if (told === undefined) socket.destroy()
        else this.#told(told)
      })
      .on('error', () => socket.destroy())
  }

  #told({ id, outcome }: Told): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    pending?.resolve(outcome)
  }

  #closed(): void {
    this.#socket = undefined
    this.#isOpen = false
    const nowMs = performance.now()
    for (const [id, { sinceMs, tries, resolve }] of this.#pending) {
      if (tries < triesMax && nowMs - sinceMs < patienceMs) continue
      this.#pending.delete(id)
      resolve('failed')
    }
    if (this.#pending.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#connect()
    }, againMs).unref()
  }
}

function parse(line: string): Told | undefined {
  try {
    return JSON.parse(line) as Told
  } catch {
    // The last of a process that was killed while it wrote: what it was to answer is asked of the next one.
    return undefined
  }
}
