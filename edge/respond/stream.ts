// One streamed answer on a uWebSockets.js connection: its head, which waits a moment for the first piece of the body,
// the pieces, what the client has not taken yet, and the end. The connection itself is write.ts's.
import type { HttpResponse } from 'uWebSockets.js'
import { Backlog, type StalledBytes } from './backlog.js'
import type { Parting } from './parting.js'
import { lastChunk, pushChunked, pushKnown, writeHead } from './push.js'
import type { Head } from './responder.js'

/** What a streamed answer needs of its connection. */
export interface StreamOwner {
  readonly response: HttpResponse
  /** The connection closes behind this answer. */
  readonly closeAfter: boolean
  isUsable(): boolean
  cork(write: () => void): void
  /** Nothing of what was just pushed was taken, and the head may be lost: the answer cannot go on. */
  isRefusing(): boolean
  /** The last piece follows: bytes of the client may come again. */
  release(): void
  drained(): void
  finish(): void
  /** Closes it behind what was written: soon, or when the client, which has all that it is going to get, has not for a while. */
  readonly parting: Pick<Parting, 'soon' | 'later'>
  abort(): void
}

/** A last byte that might be the very last is kept back no longer: whoever reads events waits for it. */
const lastByteMs = 20

/** A head and a piece that are longer go in two corks: see `sliceBytesMax` in push.ts. */
const togetherBytesMax = 12_000

const none = new Uint8Array(0)

export class Stream {
  readonly #owner: StreamOwner
  readonly #backlog: Backlog
  /** Declared length, without what was passed by; -1 when it is not known. */
  #total: number
  readonly #isChunked: boolean
  #head: Head | undefined
  #bytes = 0
  #isEnding = false
  /** What was offered last was not taken whole. */
  #isBehind = false
  /**
   * The last byte of a chunked body behind which the connection closes: whether the engine still holds what came before
   * is seen only when one more is written.
   */
  #lastByte: Uint8Array | undefined
  #lastByteTimer: NodeJS.Timeout | undefined
  /** Everything is written, but not out: it closes then. */
  #isClosing = false

  /** Without `head` it is sent already. */
  constructor(
    owner: StreamOwner,
    head: Head | undefined,
    contentLength: number | undefined,
    stalled: StalledBytes,
  ) {
    this.#owner = owner
    this.#head = head
    this.#total = contentLength ?? -1
    // One that must close goes chunked too: its last chunk can be ours (lastChunk).
    this.#isChunked = contentLength === undefined || owner.closeAfter
    this.#backlog = new Backlog(stalled)
    owner.response.onWritable(() => this.#writable())
  }

  /** What the engine left of a whole body of the declared length. */
  keepRest(rest: Uint8Array): void {
    this.#bytes = this.#total
    this.#isEnding = true
    this.#keep(rest)
  }

  /** The bytes of this answer that are kept are given back: nobody takes them any more. */
  drop(): void {
    clearTimeout(this.#lastByteTimer)
    this.#backlog.clear()
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length
    if (this.#total >= 0 && this.#bytes > this.#total) throw new Error('more body than declared')
    const rest = this.#backlog.isEmpty && !this.#isBehind ? this.#push(chunk) : chunk
    return rest === undefined || this.#keep(Buffer.from(rest))
  }

  /** What was written is with the engine, and the head: what follows may pass by. */
  get isFree(): boolean {
    const hasBegun = !this.#isChunked && this.#bytes > 0 && this.#head === undefined
    return hasBegun && !this.#isBehind && this.#backlog.isEmpty
  }

  /** For the engine, which knows nothing of them, the body is so many bytes shorter. */
  passed(bytes: number): void {
    this.#total -= bytes
  }

  /** As `Responder.offer`. */
  offer(chunk: Uint8Array): number {
    if (this.#total >= 0 && this.#bytes + chunk.length > this.#total) {
      throw new Error('more body than declared')
    }
    if (this.#isBehind) return 0
    const rest = this.#push(chunk)
    if (rest !== undefined && !this.#isChunked && this.#owner.isRefusing()) this.#owner.abort()
    const taken = chunk.length - (rest?.length ?? 0)
    this.#bytes += taken
    this.#isBehind = rest !== undefined
    return taken
  }

  /** The whole body at once, a view that is valid only during this call; its length was declared. */
  writeWhole(body: Uint8Array): void {
    this.#bytes = body.length
    this.#isEnding = true
    const rest = this.#push(body)
    if (rest !== undefined && this.#owner.isRefusing()) this.#owner.abort()
    else if (rest !== undefined) this.#keep(Buffer.from(rest))
    else if (this.#owner.isUsable()) this.#complete()
  }

  end(): void {
    if (this.#bytes < this.#total) throw new Error('body ended before its declared length')
    this.#isEnding = true
    // Behind what the engine still holds a connection cannot be closed.
    if (this.#backlog.isEmpty && !this.#isBehind) this.#complete()
  }

  /** Its body does not come in the turn of its head. */
  sendHeadAlone(): void {
    const owner = this.#owner
    owner.cork(() => {
      this.#writeHead()
      // Ends the head, which the engine else does with the first piece.
      if (!this.#isChunked) owner.response.tryEnd('', this.#total)
    })
  }

  /** Inside a cork. */
  #writeHead(): void {
    const head = this.#head
    this.#head = undefined
    if (head !== undefined) writeHead(this.#owner.response, head, this.#owner.closeAfter)
  }

  /** Hands a piece to the engine; returns what has to wait. */
  #push(chunk: Uint8Array): Uint8Array | undefined {
    if (!this.#isChunked || !this.#owner.closeAfter) return this.#pushNow(chunk)
    const lastByte = this.#lastByte
    this.#lastByte = undefined
    if (lastByte !== undefined && this.#pushNow(lastByte) !== undefined) return chunk
    const end = chunk.length - 1
    const rest = end > 0 ? this.#pushNow(chunk.subarray(0, end)) : undefined
    if (rest !== undefined) return chunk.subarray(end - rest.length)
    this.#lastByte = Buffer.from(chunk.subarray(end))
    if (this.#lastByteTimer !== undefined) this.#lastByteTimer.refresh()
    else this.#lastByteTimer = setTimeout(() => this.#pushLastByte(), lastByteMs)
    return undefined
  }

  /** Nothing has followed it for a while. */
  #pushLastByte(): void {
    const lastByte = this.#lastByte
    this.#lastByte = undefined
    if (lastByte === undefined || !this.#owner.isUsable()) return
    if (this.#pushNow(lastByte) !== undefined) this.#isBehind = true
  }

  #pushNow(chunk: Uint8Array): Uint8Array | undefined {
    const owner = this.#owner
    const head = this.#head
    const isLong = head !== undefined && head.block.length + chunk.length > togetherBytesMax
    if (isLong && this.#isChunked) owner.cork(() => this.#writeHead())
    const pushed = this.#isChunked
      ? pushChunked(owner, chunk, () => this.#writeHead())
      : pushKnown(owner, chunk, this.#total, () => this.#writeHead())
    if (pushed.done) owner.finish()
    return owner.isUsable() ? pushed.rest : undefined
  }

  #keep(rest: Uint8Array): boolean {
    if (!this.#backlog.add(rest)) this.#owner.abort()
    return false
  }

  /** The socket has room: flush first (a handler that returns without writing would switch off draining). */
  #writable(): boolean {
    const owner = this.#owner
    if (!owner.isUsable() && !this.#isClosing) return true
    owner.cork(() => {})
    if (this.#isClosing) {
      // Whether that was all is not said: it comes here again if it was not.
      owner.parting.later()
      return true
    }
    this.#isBehind = false
    const isDry = this.#backlog.drain(chunk => this.#push(chunk))
    if (!isDry || !owner.isUsable()) return isDry
    if (this.#isEnding) this.#complete()
    else owner.drained()
    return true
  }

  /** A body of known length completed itself with its last byte, if that did not pass by. */
  #complete(): void {
    if (!this.#isChunked) return void this.#push(none)
    const owner = this.#owner
    // Of one that went before its end nobody knows whether the engine holds it.
    let isFlowing = this.#bytes === 0
    owner.cork(() => {
      this.#writeHead()
      owner.release()
      if (!owner.closeAfter) return void owner.response.end()
      if (this.#lastByte !== undefined) isFlowing = owner.response.write(this.#lastByte)
      lastChunk(owner.response, this.#bytes === 0)
    })
    owner.finish()
    if (!owner.closeAfter) return
    this.#isClosing = !isFlowing
    if (isFlowing) owner.parting.soon()
    else owner.parting.later()
  }
}
