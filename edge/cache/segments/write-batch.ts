// Short bodies on their way into one segment: those that are whole within a few milliseconds are written together, as a
// write by itself costs more in waking a thread than in bytes. What is long, or still comes, is written as it comes.
import { write, writev } from 'node:fs'

/** As long as the index gathers, or less: an entry is visible when both are written. */
const gatherMs = 4
const gatherBytesMax = 512 * 1024
/** Of one call, as the kernel has it (IOV_MAX). */
const partsMax = 1_024

/** As `fs.write` calls it; `bytes` may be less than was asked for. */
export type OnWrote = (error: Error | null, bytes: number) => void

interface Waiting {
  part: Buffer
  offset: number
  done: OnWrote
}

export class WriteBatch {
  readonly #fd: number
  #waiting: Waiting[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  /** `part` stays as it is until `done` was called. */
  add(part: Buffer, offset: number, done: OnWrote): void {
    this.#waiting.push({ part, offset, done })
    this.#bytes += part.length
    if (this.#bytes >= gatherBytesMax || this.#waiting.length >= partsMax) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), gatherMs)
  }

  /** What waits is written now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    // Places are given in order; what went to others in between makes it several calls.
    for (let from = 0; from < waiting.length; ) {
      let to = from + 1
      while (to < waiting.length && waiting[to]!.offset === endOf(waiting[to - 1]!)) to += 1
      this.#write(waiting.slice(from, to))
      from = to
    }
  }

  #write(run: readonly Waiting[]): void {
    const [first] = run
    const wrote = (error: Error | null, bytes: number): void => this.#wrote(run, error, bytes)
    if (run.length === 1) write(this.#fd, first!.part, 0, first!.part.length, first!.offset, wrote)
    else {
      writev(
        this.#fd,
        run.map(({ part }) => part),
        first!.offset,
        wrote,
      )
    }
  }

  #wrote(run: readonly Waiting[], error: Error | null, bytes: number): void {
    let left = bytes
    for (const [at, { part, offset, done }] of run.entries()) {
      const own = Math.min(part.length, Math.max(left, 0))
      left -= part.length
      // Behind a short write: nothing was said of these, and they are asked for again, one by one.
      if (error === null && own === 0 && at > 0 && part.length > 0) this.#write([{ part, offset, done }])
      else done(error, own)
    }
  }
}

function endOf({ offset, part }: Waiting): number {
  return offset + part.length
}
