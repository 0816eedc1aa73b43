// The uWebSockets.js responder: cork, backpressure, abort, and the request body's way in. What the engine loses or
// keeps for ever when handled otherwise is in push.ts and in the comments here. What to say is assemble.ts's.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { Upload, UploadSource } from '../accept/upload.js'
import { peerAddress } from './address.js'
import { Backlog, type StalledBytes } from './backlog.js'
import { Intake } from './intake.js'
import { lastChunk, lastHead, pushChunked, pushKnown, writeHead } from './push.js'
import type { Head, Responder, ResponderState } from './responder.js'

/** Above this a whole body goes through `tryEnd`, which leaves with us what the kernel does not take. */
const wholeBytesMax = 65_536

export class UwsResponder implements Responder, UploadSource {
  state: ResponderState = 'open'
  bodyBytesOut = 0
  onEnd: ((completed: boolean) => void) | undefined = undefined
  onDrain: (() => void) | undefined = undefined
  closeAfter = false
  readonly #response: HttpResponse
  #request: HttpRequest | undefined
  readonly #backlog: Backlog
  #intake: Intake | undefined
  #held = false
  /** Answered, but not as the engine knows it: the connection is cut in the next turn. */
  #isClosing = false
  /** Declared length of a streamed answer, -1 when it is not known. */
  #total = -1
  #isChunked = false
  #ending = false
  /** A short answer that waits to be whole: this engine closes a connection only together with a whole answer. */
  #collected: { head: Head; chunks: Uint8Array[] } | undefined

  constructor(response: HttpResponse, request: HttpRequest, stalled: StalledBytes) {
    this.#response = response
    this.#request = request
    this.#backlog = new Backlog(stalled)
  }

  /**
   * The accepting call is about to return: the engine's request dies, and an unfinished answer without an abort
   * handler would end the process. An answer that is complete by now never pays for one.
   */
  accepted(): void {
    this.#request = undefined
    if (this.#isUsable() || this.#isClosing) this.#response.onAborted(() => this.#lose())
  }

  fieldBytes(lowerCaseName: string): string {
    return this.#request?.getHeader(lowerCaseName) ?? ''
  }

  clientAddress(): string {
    return this.#isUsable() ? peerAddress(this.#response) : ''
  }

  send(head: Head, body: Uint8Array): void {
    if (this.state !== 'open') return
    if (body.length > wholeBytesMax) return this.#sendLarge(head, body)
    this.bodyBytesOut = body.length
    this.#cork(() => {
      this.#release()
      writeHead(this.#response, head, false)
      this.#response.end(body, this.closeAfter)
    })
    this.#finish()
  }

  sendHead(head: Head, contentLength: number | undefined): void {
    if (this.state !== 'open') return
    const response = this.#response
    this.#cork(() => {
      this.#release()
      if (this.closeAfter) return void response.writeStatus(lastHead(head, contentLength))
      writeHead(response, head, false)
      if (contentLength !== undefined) response.writeHeader('Content-Length', String(contentLength))
      // With an argument this engine never completes the answer, or writes an absurd length.
      response.endWithoutBody()
    })
    this.#finish()
    if (this.closeAfter) this.#closeSoon()
  }

  open(head: Head, contentLength: number | undefined): void {
    if (this.state !== 'open') return
    if (contentLength === 0) return this.send(head, new Uint8Array(0))
    this.state = 'streaming'
    this.#total = contentLength ?? -1
    if (this.closeAfter && contentLength !== undefined && contentLength <= wholeBytesMax) {
      this.#collected = { head, chunks: [] }
      return
    }
    // A longer one that must close goes chunked too: its last chunk can be ours (lastChunk).
    this.#isChunked = contentLength === undefined || this.closeAfter
    this.#response.onWritable(() => this.#writable())
    this.#cork(() => {
      writeHead(this.#response, head, this.closeAfter)
      // Ends the head and sends it now: the first body byte may be long in coming.
      if (!this.#isChunked) this.#response.tryEnd('', this.#total)
    })
  }

  write(chunk: Uint8Array): boolean {
    if (this.state !== 'streaming') return this.state !== 'gone'
    this.bodyBytesOut += chunk.length
    if (this.#total >= 0 && this.bodyBytesOut > this.#total) throw new Error('more body than declared')
    if (this.#collected !== undefined) return this.#collected.chunks.push(chunk) > 0
    const rest = this.#backlog.isEmpty ? this.#push(chunk) : chunk
    return rest === undefined || this.#keep(rest)
  }

  end(): void {
    if (this.state !== 'streaming') return
    if (this.bodyBytesOut < this.#total) throw new Error('body ended before its declared length')
    if (this.#collected !== undefined) {
      this.state = 'open'
      return this.send(this.#collected.head, Buffer.concat(this.#collected.chunks))
    }
    this.#ending = true
    if (this.#backlog.isEmpty) this.#complete()
  }

  abort(): void {
    if (!this.#isUsable()) return
    this.#lose()
    this.#response.close()
  }

  hold(): void {
    if (this.#held || this.state !== 'open') return
    this.#held = true
    this.#response.pause()
  }

  receive(upload: Upload): void {
    this.#intake = new Intake(this.#response, upload, () => this.#isUsable())
  }

  pause(): void {
    this.#intake?.pause()
  }

  resume(): void {
    this.#intake?.resume()
  }

  #isUsable(): boolean {
    return this.state === 'open' || this.state === 'streaming'
  }

  #sendLarge(head: Head, body: Uint8Array): void {
    if (this.closeAfter) {
      this.open(head, body.length)
      this.write(Buffer.from(body))
      return this.end()
    }
    this.state = 'streaming'
    this.bodyBytesOut = body.length
    this.#total = body.length
    this.#ending = true
    const response = this.#response
    let isDone = false
    this.#cork(() => {
      this.#release()
      writeHead(response, head, false)
      isDone = response.tryEnd(body, body.length)[1]
    })
    if (isDone || !this.#isUsable()) return this.#finish()
    response.onWritable(() => this.#writable())
    // A copy: the store's view does not outlive this call.
    this.#keep(Buffer.from(body.subarray(response.getWriteOffset())))
  }

  /** The engine has corked the connection for the accepting call: asking for it again is 0.5 us of every hit. */
  #cork(write: () => void): void {
    if (this.#request === undefined) this.#response.cork(write)
    else write()
  }

  /** Not at once: within the accepting call the engine has sent nothing yet. */
  #closeSoon(): void {
    this.#isClosing = true
    setImmediate(() => this.#isClosing && this.#response.close())
  }

  #release(): void {
    if (!this.#held) return
    this.#held = false
    this.#response.resume()
  }

  /** Hands a chunk to the engine; returns what has to wait. */
  #push(chunk: Uint8Array): Uint8Array | undefined {
    const pushed = this.#isChunked
      ? pushChunked(this.#response, chunk, () => this.#isUsable())
      : pushKnown(this.#response, chunk, this.#total, () => this.#release())
    if (pushed.done) this.#finish()
    return this.state === 'streaming' ? pushed.rest : undefined
  }

  #keep(rest: Uint8Array): boolean {
    if (!this.#backlog.add(rest)) this.abort()
    return false
  }

  /** The socket has room: flush first (a handler that returns without writing would switch off draining). */
  #writable(): boolean {
    if (this.state !== 'streaming') return true
    this.#response.cork(() => {})
    const isDry = this.#backlog.drain(chunk => this.#push(chunk))
    if (!isDry || this.state !== 'streaming') return isDry
    if (this.#ending) this.#complete()
    else this.onDrain?.()
    return true
  }

  /** A body of known length completed itself with its last byte. */
  #complete(): void {
    if (!this.#isChunked) return
    this.#response.cork(() => {
      this.#release()
      if (this.closeAfter) lastChunk(this.#response, this.bodyBytesOut === 0)
      else this.#response.end()
    })
    this.#finish()
    if (this.closeAfter) this.#closeSoon()
  }

  #finish(): void {
    if (!this.#isUsable()) return
    this.state = 'ended'
    this.#settle(true)
  }

  #lose(): void {
    this.#isClosing = false
    if (!this.#isUsable()) return
    this.state = 'gone'
    this.#settle(false)
  }

  #settle(completed: boolean): void {
    this.#backlog.clear()
    this.#intake?.lose()
    const ended = this.onEnd
    this.onEnd = undefined
    this.onDrain = undefined
    ended?.(completed)
  }
}
