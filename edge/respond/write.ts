// The uWebSockets.js responder: cork, backpressure, abort, and the request body's way in. What the engine loses or
// keeps for ever when handled otherwise is in push.ts and in the comments here. What to say is assemble.ts's.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { Upload, UploadSource } from '../accept/upload.js'
import { peerAddress } from './address.js'
import { Backlog, type StalledBytes } from './backlog.js'
import { lastHead, pushChunked, pushKnown, writeHead } from './push.js'
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
  #upload: Upload | undefined
  #uploadPaused = false
  #held = false
  /** The connection is gone, and the engine's response with it. */
  #isLost = false
  /** Declared length of a streamed answer, -1 for chunked. */
  #total = -1
  #ending = false
  /** A short answer that waits to be whole: this engine closes a connection only together with a whole answer. */
  #collected: { head: Head; chunks: Uint8Array[] } | undefined

  constructor(response: HttpResponse, request: HttpRequest, stalled: StalledBytes) {
    this.#response = response
    this.#request = request
    this.#backlog = new Backlog(stalled)
    response.onAborted(() => this.#lose())
  }

  /** The engine's request dies when the accepting call returns. */
  forgetRequest(): void {
    this.#request = undefined
  }

  fieldBytes(lowerCaseName: string): string {
    return this.#request?.getHeader(lowerCaseName) ?? ''
  }

  clientAddress(): string {
    return this.#isUsable() ? peerAddress(this.#response) : ''
  }

  send(head: Head, body: Uint8Array): void {
    if (this.state !== 'open') return
    this.bodyBytesOut = body.length
    if (body.length > wholeBytesMax) return this.#sendLarge(head, body)
    const response = this.#response
    response.cork(() => {
      this.#release()
      writeHead(response, head.status, head.block, head.tail)
      response.end(body, this.closeAfter)
    })
    this.#finish()
  }

  sendHead(head: Head, contentLength: number | undefined): void {
    if (this.state !== 'open') return
    const response = this.#response
    response.cork(() => {
      this.#release()
      if (this.closeAfter) return void response.writeStatus(lastHead(head, contentLength))
      writeHead(response, head.status, head.block, head.tail)
      if (contentLength !== undefined) response.writeHeader('Content-Length', String(contentLength))
      // With an argument this engine never completes the answer, or writes an absurd length.
      response.endWithoutBody()
    })
    this.#finish()
    // Not at once: within the accepting call the engine has sent nothing yet.
    if (this.closeAfter) setImmediate(() => this.#isLost || response.close())
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
    const response = this.#response
    response.onWritable(() => this.#writable())
    response.cork(() => {
      writeHead(response, head.status, head.block, this.#streamedTail(head.tail))
      // Ends the head and sends it now: the first body byte may be long in coming.
      if (contentLength !== undefined) response.tryEnd('', contentLength)
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
    this.#upload = upload
    this.#response.onData((chunk, isLast) => {
      upload.receive(chunk, isLast)
      if (isLast || this.#uploadPaused || !this.#isUsable()) return
      // Starts the engine's timer anew; without it a slow upload is cut after some 11 s.
      this.#response.pause()
      this.#response.resume()
    })
  }

  pause(): void {
    if (this.#uploadPaused || !this.#isUsable()) return
    this.#uploadPaused = true
    this.#response.pause()
  }

  resume(): void {
    if (!this.#uploadPaused || !this.#isUsable()) return
    this.#uploadPaused = false
    this.#response.resume()
  }

  #isUsable(): boolean {
    return this.state === 'open' || this.state === 'streaming'
  }

  #sendLarge(head: Head, body: Uint8Array): void {
    this.state = 'streaming'
    this.#total = body.length
    this.#ending = true
    const response = this.#response
    let isDone = false
    response.cork(() => {
      this.#release()
      writeHead(response, head.status, head.block, this.#streamedTail(head.tail))
      isDone = response.tryEnd(body, body.length)[1]
    })
    if (isDone) return this.#finish()
    response.onWritable(() => this.#writable())
    // A copy: the store's view does not outlive this call.
    this.#keep(Buffer.from(body.subarray(response.getWriteOffset())))
  }

  /** Saying `Connection: close` is ours where the engine's own close flag cannot be used. */
  #streamedTail(tail: string): string {
    return this.closeAfter ? `${tail}\r\nConnection: close` : tail
  }

  #release(): void {
    if (!this.#held) return
    this.#held = false
    this.#response.resume()
  }

  /** Hands a chunk to the engine; returns what has to wait. */
  #push(chunk: Uint8Array): Uint8Array | undefined {
    const pushed =
      this.#total >= 0
        ? pushKnown(this.#response, chunk, this.#total, () => this.#release())
        : pushChunked(this.#response, chunk, () => this.#isUsable())
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
    for (let chunk = this.#backlog.takeFirst(); chunk !== undefined; chunk = this.#backlog.takeFirst()) {
      const rest = this.#push(chunk)
      if (this.state !== 'streaming') return true
      if (rest !== undefined) {
        this.#backlog.putBack(rest)
        return false
      }
    }
    if (this.#ending) this.#complete()
    else this.onDrain?.()
    return true
  }

  /** A body of known length completed itself with its last byte. */
  #complete(): void {
    if (this.#total >= 0) return
    this.#response.cork(() => {
      this.#release()
      this.#response.end()
    })
    this.#finish()
  }

  #finish(): void {
    if (!this.#isUsable()) return
    this.state = 'ended'
    this.#settle(true)
  }

  #lose(): void {
    this.#isLost = true
    if (!this.#isUsable()) return
    this.state = 'gone'
    this.#settle(false)
  }

  #settle(completed: boolean): void {
    this.#backlog.clear()
    if (this.#upload !== undefined) this.#upload.lose()
    const ended = this.onEnd
    this.onEnd = undefined
    this.onDrain = undefined
    ended?.(completed)
  }
}
