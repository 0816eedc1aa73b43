// The open files that this process reads segments from: as few as `openMax` when nobody holds them, and none of a
// segment that is gone, whose bytes would stay on the disk. What is read from them is read.ts's.
import {
  close,
  constants,
  fstat as fstatNow,
  fstatSync,
  open as openNow,
  openSync,
  read as readNow,
  readSync,
} from 'node:fs'
import { promisify } from 'node:util'
import type { StoreLog } from '../commit.js'
import { takenBytes } from './directory.js'
import { decodeHeader, headerBytes, segmentPath, thisBootId } from './header.js'

const open = promisify(openNow)
const fstat = promisify(fstatNow)
const read = promisify(readNow)

/** Never waits for who writes into something that is not a file. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** A segment that is open for reading, or held. */
export interface Reader {
  readonly id: number
  /** Undefined until it was opened. */
  fd: number | undefined
  /** How many need it to stay open. */
  holds: number
  /** When it was used last, counted in uses. */
  usedAt: number
  /** All of it was written since the machine started. */
  isOfThisBoot: boolean
  /** When it was seen that the file is unlinked; monotonic, milliseconds. */
  goneSinceMs: number | undefined
  /** What it then still takes of the disk. */
  goneBytes: number
  opening: Promise<number | undefined> | undefined
}

export interface ReadersOptions {
  directory: string
  openMax: number
  log: StoreLog
  /** Monotonic, milliseconds. */
  now: () => number
}

export class Readers {
  readonly #options: ReadersOptions
  readonly #readers = new Map<number, Reader>()
  #openCount = 0
  #uses = 0
  #isClosed = false

  constructor(options: ReadersOptions) {
    this.#options = options
  }

  /** Open descriptors. */
  get openCount(): number {
    return this.#openCount
  }

  /** Bytes of unlinked segments that this process keeps open. */
  get unlinkedBytes(): number {
    let bytes = 0
    for (const reader of this.#readers.values()) bytes += reader.goneBytes
    return bytes
  }

  /** The segment if it is open. */
  opened(id: number): Reader | undefined {
    const reader = this.#readers.get(id)
    if (reader?.fd === undefined) return undefined
    reader.usedAt = ++this.#uses
    return reader
  }

  /** The same, opened now if it was not: once per segment, as all of them may stay open. */
  openedNow(id: number): Reader | undefined {
    const opened = this.opened(id)
    if (opened !== undefined || this.#isClosed) return opened
    const reader = this.#readers.get(id) ?? newReader(id)
    let fd: number | undefined
    try {
      fd = openSync(segmentPath(this.#options.directory, id), openFlags)
      const bytes = Buffer.alloc(headerBytes)
      const isWhole = fstatSync(fd).isFile() && readSync(fd, bytes, 0, headerBytes, 0) === headerBytes
      if (this.#accept(reader, fd, isWhole ? decodeHeader(bytes) : undefined)) return reader
    } catch (error) {
      this.#say(id, error)
    }
    if (fd !== undefined) this.#closeFile(fd)
    return undefined
  }

  /** Once open, it stays open until `release`; a held one does not count against `openMax`. */
  hold(id: number): Reader {
    let reader = this.#readers.get(id)
    if (reader === undefined) {
      reader = newReader(id)
      this.#readers.set(id, reader)
    }
    reader.holds += 1
    reader.usedAt = ++this.#uses
    return reader
  }

  release(reader: Reader): void {
    reader.holds -= 1
    if (reader.holds > 0) return
    if (reader.fd === undefined) this.#readers.delete(reader.id)
    else if (reader.goneSinceMs !== undefined || this.#isClosed) this.#close(reader)
    else this.#makeRoom()
  }

  /** Opens a reader that the caller holds; undefined when there is no such segment, or it cannot be read. */
  open(reader: Reader): Promise<number | undefined> {
    if (reader.fd !== undefined || this.#isClosed) return Promise.resolve(reader.fd)
    reader.opening ??= this.#open(reader).finally(() => {
      reader.opening = undefined
    })
    return reader.opening
  }

  /** Closes what nobody holds of segments that are gone. */
  sweep(): void {
    for (const reader of this.#readers.values()) {
      if (reader.fd === undefined) continue
      this.#look(reader, reader.fd)
      if (reader.goneSinceMs !== undefined && reader.holds === 0) this.#close(reader)
    }
  }

  /** What is held is closed when it is released. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers.values()) {
      if (reader.fd !== undefined && reader.holds === 0) this.#close(reader)
    }
  }

  async #open(reader: Reader): Promise<number | undefined> {
    let fd: number | undefined
    try {
      fd = await open(segmentPath(this.#options.directory, reader.id), openFlags)
      const header = await readHeader(fd)
      // Somebody may have opened it at once meanwhile.
      if (reader.fd === undefined && this.#accept(reader, fd, header)) return fd
    } catch (error) {
      this.#say(reader.id, error)
    }
    if (fd !== undefined) this.#closeFile(fd)
    return reader.fd
  }

  #accept(reader: Reader, fd: number, header: ReturnType<typeof decodeHeader>): boolean {
    if (header?.id !== reader.id) {
      this.#options.log('warn', 'a file among the segments is none', { segment: reader.id })
      return false
    }
    reader.isOfThisBoot = header.bootId === thisBootId
    reader.fd = fd
    reader.usedAt = ++this.#uses
    this.#readers.set(reader.id, reader)
    this.#openCount += 1
    this.#makeRoom()
    return true
  }

  #say(segment: number, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    this.#options.log('warn', 'a segment could not be opened', { segment, error })
  }

  #look(reader: Reader, fd: number): void {
    if (reader.goneSinceMs !== undefined) return
    try {
      const status = fstatSync(fd)
      if (status.nlink > 0) return
      reader.goneBytes = takenBytes(status)
    } catch (error) {
      this.#options.log('warn', 'a segment could not be looked at', { segment: reader.id, error })
    }
    reader.goneSinceMs = this.#options.now()
  }

  #makeRoom(): void {
    while (this.#openCount > this.#options.openMax) {
      let oldest: Reader | undefined
      for (const reader of this.#readers.values()) {
        if (reader.fd === undefined || reader.holds > 0) continue
        if (oldest === undefined || reader.usedAt < oldest.usedAt) oldest = reader
      }
      if (oldest === undefined) return
      this.#close(oldest)
    }
  }

  #close(reader: Reader): void {
    this.#readers.delete(reader.id)
    this.#openCount -= 1
    this.#closeFile(reader.fd!)
    reader.fd = undefined
  }

  #closeFile(fd: number): void {
    // Not at once: the last one to close an unlinked file waits until its blocks are free.
    close(fd, error => {
      if (error) this.#options.log('warn', 'a segment could not be closed', { error })
    })
  }
}

function newReader(id: number): Reader {
  return {
    id,
    fd: undefined,
    holds: 0,
    usedAt: 0,
    isOfThisBoot: false,
    goneSinceMs: undefined,
    goneBytes: 0,
    opening: undefined,
  }
}

async function readHeader(fd: number): Promise<ReturnType<typeof decodeHeader>> {
  if (!(await fstat(fd)).isFile()) return undefined
  const bytes = Buffer.alloc(headerBytes)
  const { bytesRead } = await read(fd, bytes, 0, headerBytes, 0)
  return bytesRead === headerBytes ? decodeHeader(bytes) : undefined
}
