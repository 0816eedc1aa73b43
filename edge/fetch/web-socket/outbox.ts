// What goes to an origin over one WebSocket, in its order: into the socket, or, while the origin is slower than the client
// and the engine cannot be told to wait, through an unlinked file, as uploads do (http-rules.md 8).
import type { Socket } from 'node:net'
import type { Spool } from '../../accept/spool.js'
import { EdgeError } from '../../error.js'

export interface OutboxOptions {
  /** Bytes that wait in memory; beyond them the file is used. */
  memoryBytesMax: number
  /** Throws what the file system throws. */
  makeSpool: () => Spool
  /** Some of what waited is with the kernel. */
  onProgress: () => void
  /** What waits cannot be read back: nothing more goes out. */
  onFailure: (error: EdgeError) => void
}

const readBytesMax = 65_536

export class Outbox {
  readonly #socket: Socket
  readonly #options: OutboxOptions
  #spool: Spool | undefined
  #isReading = false
  #isCorked = false
  #isClosed = false

  constructor(socket: Socket, options: OutboxOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('drain', this.#drained)
  }

  /** Bytes that the kernel has not taken: those in memory. */
  get memoryBytes(): number {
    return this.#socket.writableLength
  }

  /** The rest is the socket's: nothing waits in the file. */
  get isHandedOver(): boolean {
    return !this.#isReading && (this.#spool?.isEmpty ?? true)
  }

  /** Takes it over. Throws EdgeError `spool-full` or `spool-failed`: it is not taken then. */
  write(bytes: Buffer): void {
    if (this.#isClosed) return
    if (this.isHandedOver && this.memoryBytes <= this.#options.memoryBytesMax) return this.#send(bytes)
    this.#keep(bytes)
    this.#flow()
  }

  /** What one turn of the loop writes goes out together at its end, or when somebody cannot wait. */
  flush(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    this.#socket.uncork()
  }

  /** Nothing more is written; what is in the file is dropped. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.off('drain', this.#drained)
    this.flush()
    if (!this.#isReading) this.#spool?.close()
  }

  #keep(bytes: Buffer): void {
    try {
      this.#spool ??= this.#options.makeSpool()
      this.#spool.append(bytes)
    } catch (error) {
      throw error instanceof EdgeError ? error : spoolFailed(error)
    }
  }

  #send(bytes: Buffer): void {
    if (!this.#isCorked) {
      this.#isCorked = true
      this.#socket.cork()
      setImmediate(() => this.flush())
    }
    this.#socket.write(bytes)
    // Many messages of one turn would else fill the memory that the kernel has room for.
    if (this.memoryBytes > readBytesMax) this.flush()
  }

  readonly #drained = (): void => {
    this.#options.onProgress()
    this.#flow()
  }

  #flow(): void {
    const spool = this.#spool
    if (spool === undefined || spool.isEmpty || this.#isReading || this.#socket.writableNeedDrain) return
    this.#isReading = true
    this.flush()
    spool.read(readBytesMax, (error, chunk) => {
      this.#isReading = false
      if (this.#isClosed) return spool.close()
      if (error !== undefined) return this.#options.onFailure(spoolFailed(error))
      this.#socket.write(chunk)
      this.#options.onProgress()
      this.#flow()
    })
  }
}

function spoolFailed(cause: unknown): EdgeError {
  const text = 'messages of a WebSocket could not be spooled'
  return new EdgeError('spool-failed', text, { source: 'edge', status: 503, cause })
}
