// What one worker tells the others of a fill that they follow: a small file in the run directory with the head of the
// answer, where its body lies as far as it is written, and how it ended. Who leads appends; who follows reads on when
// woken, also after the file was unlinked. That there is such a file stands in the fill's slot (shared/fills.ts).
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Extent, PlaceSoFar } from '../cache/segments/place.js'
import type { FillRef } from '../shared/claim.js'

export interface FillHead {
  /** The variant that the request which leads selects. */
  variant: string
  /** Of the body, if it is known. */
  length: number | undefined
  segment: number
  /** The record of the entry, without a body (cache/entry.ts). */
  record: Uint8Array
}

/** `open`: more may come; `whole`: that was all; `broken`: it will never be whole. */
export type FillProgress = 'open' | 'whole' | 'broken'

/** What has changed: the extents from `from` on are these by now. */
interface Line {
  from: number
  extents: readonly Extent[]
  bytes: number
  progress: FillProgress
}

const newline = '\n'.charCodeAt(0)
/** One answer's head; what is longer is no log of ours. */
const headBytesMax = 8 * 1024 * 1024
const readBytes = 16 * 1024

/** Where the logs of a group of workers are. */
export class FillLogs {
  readonly #directory: string
  readonly #prefix: string

  constructor(runDirectory: string, group: string) {
    this.#directory = runDirectory
    this.#prefix = `fill-${group}-`
  }

  /** Throws what the file system says. */
  create(owner: number, fill: FillRef, head: FillHead): FillLogWriter {
    return new FillLogWriter(this.#path(owner, fill), head)
  }

  /** Undefined when there is none that can be read. */
  open(owner: number, fill: FillRef): FillLogReader | undefined {
    let fd: number | undefined
    try {
      fd = openSync(this.#path(owner, fill), 'r')
      return new FillLogReader(fd)
    } catch {
      // It is over, and its leader has removed it: that is told otherwise.
      if (fd !== undefined) closeSync(fd)
      return undefined
    }
  }

  /** Removes what a worker left that is gone. Rejects with what the file system says. */
  async removeOf(owner: number): Promise<void> {
    const prefix = `${this.#prefix}${owner}-`
    const names = await readdir(this.#directory)
    // The others who are left do the same at this moment.
    for (const name of names)
      if (name.startsWith(prefix)) await rm(join(this.#directory, name), { force: true })
  }

  #path(owner: number, { slot, turn }: FillRef): string {
    return join(this.#directory, `${this.#prefix}${owner}-${slot}-${turn}`)
  }
}

export class FillLogWriter {
  readonly #path: string
  readonly #fd: number
  #extents = 0
  #isClosed = false

  constructor(path: string, { record, ...head }: FillHead) {
    this.#path = path
    this.#fd = create(path)
    const first = Buffer.from(`${JSON.stringify({ ...head, recordBytes: record.length })}\n`)
    try {
      writeAll(this.#fd, Buffer.concat([first, record]))
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** So much is written; the last line says how it ended. Throws what writing throws; does nothing once closed. */
  append({ extents, bytes }: PlaceSoFar, progress: FillProgress): void {
    if (this.#isClosed) return
    // The last one may have grown.
    const from = Math.max(this.#extents - 1, 0)
    this.#extents = extents.length
    const line = JSON.stringify({ from, extents: extents.slice(from), bytes, progress })
    writeAll(this.#fd, Buffer.from(`${line}\n`))
  }

  /** Who has it open reads on. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#fd)
    unlinkSync(this.#path)
  }
}

/** One of a worker that had the same number before the machine started may still lie there. */
function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    unlinkSync(path)
    return openSync(path, 'wx', 0o600)
  }
}

/** A disk that is about to be full takes a part first: the rest then says why. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

export class FillLogReader {
  readonly head: FillHead
  progress: FillProgress = 'open'
  readonly #fd: number
  readonly #extents: Extent[] = []
  #bytes = 0
  /** Where in the file the next line begins. */
  #at: number
  #isClosed = false

  /** The file is the reader's to close, if this does not throw: then it is no log. */
  constructor(fd: number) {
    this.#fd = fd
    const first = this.#lineAt(0)
    if (first === undefined) throw new Error('a fill without a head')
    const { recordBytes, ...head } = JSON.parse(first.text)
    if (!(recordBytes <= headBytesMax)) throw new Error('a fill whose head is too long')
    const record = Buffer.alloc(recordBytes)
    this.#at = first.next + readSync(fd, record, 0, recordBytes, first.next)
    if (this.#at !== first.next + recordBytes) throw new Error('a fill with half a head')
    this.head = { ...head, record }
  }

  /** What is known to be written. */
  get place(): PlaceSoFar {
    return { segment: this.head.segment, extents: this.#extents, bytes: this.#bytes }
  }

  /** Reads what was appended since. Throws what reading throws. */
  readOn(): void {
    if (this.#isClosed) return
    for (let line = this.#lineAt(this.#at); line !== undefined; line = this.#lineAt(this.#at)) {
      const { from, extents, bytes, progress } = JSON.parse(line.text) as Line
      this.#extents.splice(from, this.#extents.length, ...extents)
      this.#bytes = bytes
      this.progress = progress
      this.#at = line.next
    }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#fd)
  }

  /** The line that begins there, if all of it is there. */
  #lineAt(at: number): { text: string; next: number } | undefined {
    for (let bytes = readBytes; bytes <= headBytesMax; bytes *= 4) {
      const chunk = Buffer.allocUnsafe(bytes)
      const got = readSync(this.#fd, chunk, 0, bytes, at)
      const end = chunk.subarray(0, got).indexOf(newline)
      if (end >= 0) return { text: chunk.toString('utf8', 0, end), next: at + end + 1 }
      if (got < bytes) return undefined
    }
    return undefined
  }
}
