// An unlinked temporary file that holds what a client sent faster than its origin takes: append at the end, read from
// the start. Its bytes count in the worker's budget until it is closed; the kernel frees them with the descriptor.
import { closeSync, ftruncateSync, openSync, read, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { EdgeError } from '../error.js'

/** All spool files of a worker. */
export interface SpoolBudget {
  directory: string
  used: number
  /** `limits.spoolBytesMax`. */
  readonly max: number
}

let serial = 0

export class Spool {
  readonly #budget: SpoolBudget
  readonly #descriptor: number
  #written = 0
  #taken = 0
  #closed = false

  /** Throws what the file system throws. */
  constructor(budget: SpoolBudget) {
    this.#budget = budget
    serial += 1
    const path = join(budget.directory, `spool-${process.pid}-${serial}`)
    this.#descriptor = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
  }

  get waitingBytes(): number {
    return this.#written - this.#taken
  }

  get isEmpty(): boolean {
    return this.waitingBytes === 0
  }

  /** Throws EdgeError `spool-full` (503) beyond the budget, or what the file system throws. */
  append(chunk: Uint8Array): void {
    if (this.#budget.used + chunk.length > this.#budget.max) {
      throw new EdgeError('spool-full', 'the spool files of this worker are full', {
        source: 'edge',
        status: 503,
      })
    }
    for (let at = 0; at < chunk.length; ) {
      at += writeSync(this.#descriptor, chunk, at, chunk.length - at, this.#written + at)
    }
    this.#written += chunk.length
    this.#budget.used += chunk.length
  }

  /** The next bytes, at most `bytesMax`; one call at a time, only while not empty. */
  read(bytesMax: number, done: (error: Error | undefined, chunk: Buffer) => void): void {
    const wanted = Buffer.allocUnsafe(Math.min(bytesMax, this.waitingBytes))
    read(this.#descriptor, wanted, 0, wanted.length, this.#taken, (error, count) => {
      if (error === null && count === 0)
        return done(new Error('the spool file is shorter than what was written'), wanted)
      this.#taken += count
      if (this.isEmpty && !this.#closed) this.#rewind()
      done(error ?? undefined, wanted.subarray(0, count))
    })
  }

  /** All is taken: the file starts again, so that a long body needs no more room than what waits. */
  #rewind(): void {
    ftruncateSync(this.#descriptor, 0)
    this.#budget.used -= this.#written
    this.#written = 0
    this.#taken = 0
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#budget.used -= this.#written
    closeSync(this.#descriptor)
  }
}
