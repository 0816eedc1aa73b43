// One request body on its way to the origin: a Readable that the engine fills. It waits in memory up to a limit, then
// in an unlinked spool file (spool.ts): the engine's pause does not stop a fast local sender at once.
import { Readable } from 'node:stream'
import { EdgeError } from '../error.js'
import { Pace } from './pace.js'
import { Spool, type SpoolBudget } from './spool.js'

export interface UploadLimits {
  /** `limits.bodyBytesMax`. */
  bodyBytesMax: number
  /** `limits.uploadMemoryBytesMax`. */
  memoryBytesMax: number
  /** `limits.uploadBytesPerSecondMin`; absent or 0: any pace will do. */
  bytesPerSecondMin?: number
  spool: SpoolBudget
}

/** How the upload asks its connection to stop and to go on sending. */
export interface UploadSource {
  pause(): void
  resume(): void
}

const readBytesMax = 65_536
/** Chunks up to this size are joined: each one kept apart would cost memory and time far beyond its bytes. */
const smallBytesMax = 1_024
const blockBytes = 8_192

export class Upload extends Readable {
  /** Bytes received from the client so far. */
  bytesIn = 0
  readonly #limits: UploadLimits
  readonly #source: UploadSource
  #memory: Buffer[] = []
  #memoryBytes = 0
  /** What the last of `#memory` is a view on, while small chunks may be joined to it. */
  #block: Buffer | undefined
  #spool: Spool | undefined
  #complete = false
  #wanted = false
  #paused = false
  #reading = false
  #isDeliverySet = false
  readonly #pace: Pace | undefined

  constructor(limits: UploadLimits, source: UploadSource) {
    super({ highWaterMark: readBytesMax })
    this.#limits = limits
    this.#source = source
    // Whoever reads hears of a failure; when nobody reads any more there is nobody to tell.
    this.on('error', () => {})
    const { bytesPerSecondMin = 0 } = limits
    if (bytesPerSecondMin > 0) this.#pace = new Pace(this, bytesPerSecondMin, () => this.destroy(tooSlow()))
  }

  /** Its client was told to wait. */
  get isHeldBack(): boolean {
    return this.#paused
  }

  /** Takes a chunk of which the memory is the caller's: it is copied. `isLast` may come with an empty chunk. */
  receive(chunk: ArrayBuffer | Uint8Array, isLast: boolean): void {
    if (this.destroyed || this.#complete) return
    this.bytesIn += chunk.byteLength
    if (this.bytesIn > this.#limits.bodyBytesMax)
      return void this.destroy(tooLarge(this.#limits.bodyBytesMax))
    this.#complete = isLast
    if (isLast) this.#pace?.stop()
    if (chunk.byteLength > 0) this.#store(chunk instanceof Uint8Array ? chunk : new Uint8Array(chunk))
    if (isLast || chunk.byteLength > smallBytesMax) this.#deliverIfWanted()
    else this.#deliverSoon()
    this.#balance()
  }

  /** The client left, or was answered: no more comes. */
  lose(): void {
    if (this.destroyed || this.readableEnded) return
    this.destroy(
      new EdgeError('client-left', 'the client left while sending', { source: 'client', status: 400 }),
    )
  }

  override _read(): void {
    this.#wanted = true
    this.#deliver()
    this.#balance()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#memory = []
    this.#memoryBytes = 0
    this.#pace?.stop()
    if (!this.#reading) this.#spool?.close()
    // The rest of the body is the engine's to swallow.
    this.#flow()
    callback(error)
  }

  #store(chunk: Uint8Array): void {
    const fits = this.#memoryBytes + chunk.length <= this.#limits.memoryBytesMax
    if (fits && (this.#spool === undefined || this.#spool.isEmpty)) {
      this.#hold(chunk)
      this.#memoryBytes += chunk.length
      return
    }
    try {
      this.#spool ??= new Spool(this.#limits.spool)
      this.#spool.append(chunk)
    } catch (error) {
      this.destroy(error instanceof EdgeError ? error : spoolFailed(error))
    }
  }

  #hold(chunk: Uint8Array): void {
    if (chunk.length > smallBytesMax) {
      this.#block = undefined
      this.#memory.push(Buffer.from(chunk))
      return
    }
    let used = this.#block === undefined ? 0 : this.#memory[this.#memory.length - 1].length
    if (this.#block === undefined || used + chunk.length > blockBytes) {
      this.#block = Buffer.allocUnsafeSlow(blockBytes)
      this.#memory.push(this.#block)
      used = 0
    }
    this.#block.set(chunk, used)
    this.#memory[this.#memory.length - 1] = this.#block.subarray(0, used + chunk.length)
  }

  /** In the next turn: by then all chunks of one read have come. */
  #deliverSoon(): void {
    if (this.#isDeliverySet) return
    this.#isDeliverySet = true
    setImmediate(() => {
      this.#isDeliverySet = false
      if (!this.destroyed) this.#deliverIfWanted()
    })
  }

  #deliverIfWanted(): void {
    if (this.#wanted) this.#deliver()
  }

  /** Memory first: what is in the file came later, always. */
  #deliver(): void {
    const chunk = this.#memory.shift()
    if (chunk !== undefined) {
      this.#memoryBytes -= chunk.length
      if (this.#memory.length === 0) this.#block = undefined
      this.#wanted = this.push(chunk)
      return
    }
    if (this.#spool !== undefined && !this.#spool.isEmpty) return this.#readSpool(this.#spool)
    if (this.#complete && !this.#reading) {
      this.#wanted = false
      this.#spool?.close()
      this.push(null)
    }
  }

  #readSpool(spool: Spool): void {
    if (this.#reading) return
    this.#reading = true
    spool.read(readBytesMax, (error, chunk) => {
      this.#reading = false
      if (this.destroyed) return spool.close()
      if (error !== undefined) return void this.destroy(spoolFailed(error))
      this.#wanted = this.push(chunk)
      if (this.#wanted) this.#deliver()
      this.#balance()
    })
  }

  /** Pauses the sender while anything waits, and lets it go on when nothing does. */
  #balance(): void {
    const waiting = this.#memoryBytes + (this.#spool?.waitingBytes ?? 0)
    if (!this.#paused && !this.#complete && waiting > this.#limits.memoryBytesMax / 2) {
      this.#paused = true
      this.#source.pause()
    } else if (this.#paused && waiting <= this.#limits.memoryBytesMax / 4) {
      this.#flow()
    }
  }

  #flow(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#source.resume()
  }
}

function tooLarge(bodyBytesMax: number): EdgeError {
  return new EdgeError('body-too-large', `the request body is larger than ${bodyBytesMax} bytes`, {
    source: 'client',
    status: 413,
  })
}

function tooSlow(): EdgeError {
  return new EdgeError('slow-upload', 'the request body comes too slowly', { source: 'client', status: 408 })
}

function spoolFailed(cause: unknown): EdgeError {
  return new EdgeError('spool-failed', 'a request body could not be spooled', {
    source: 'edge',
    status: 503,
    cause,
  })
}
