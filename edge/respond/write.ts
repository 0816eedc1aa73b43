// The uWebSockets.js responder: the answer on a connection. stream.ts has what streams, intake.ts a body on its way in.
import type { Upload } from '../accept/upload.js'
import type { Outlet } from '../fetch/outlet.js'
import { countCorked, headBytesOf, mustWait } from './cork.js'
import { headBytes, streamedHeadBytes } from './head-bytes.js'
import { Intake } from './intake.js'
import { Opened, sendSoon, wholeBytesMax } from './opened.js'
import { Parting } from './parting.js'
import { pushHead, pushShort, writeHead } from './push.js'
import { type Head, keepHead, type Responder, withMoreLines } from './responder.js'
import { Stream, type StreamOwner } from './stream.js'
import { UwsConnection } from './uws-connection.js'

export class UwsResponder extends UwsConnection implements Responder, StreamOwner, Outlet {
  bodyBytesOut = 0
  headBytesOut = 0
  onEnd: ((completed: boolean) => void) | undefined = undefined
  onDrain: (() => void) | undefined = undefined
  closeAfter = false
  moreLines = ''
  #stream: Stream | undefined
  #intake: Intake | undefined
  #wasTold = false
  /** Answered, but not as the engine knows it: the connection is cut in the next turn. */
  #parting: Parting | undefined
  /** Of an answer that is not sent yet: it was opened in this turn, or has to be whole first. */
  #opened: Opened | undefined

  /** The engine's request dies now, and an unfinished answer without an abort handler would end the process. */
  accepted(): void {
    if (this.closeAfter) this.#wasTold = this.#isTold()
    this.request = undefined
    if (this.isUsable() || this.#parting?.isUnderWay) this.response.onAborted(() => this.#lose())
  }

  send(head: Head, body: Uint8Array): void {
    if (this.state !== 'open') return
    if (this.moreLines !== '') head = withMoreLines(this, head)
    const isLarge = body.length > wholeBytesMax
    const isWhole = !isLarge && (this.closeAfter || body.length === 0)
    if ((isWhole || this.front.isSecure) && this.#mustWait(head, isWhole ? body.length : 0)) {
      this.hold()
      return void setImmediate(this.send.bind(this, keepHead(head), Buffer.from(body)))
    }
    if (isLarge && this.closeAfter) return this.#sendLarge(head, body)
    this.headBytesOut = headBytes(head, body.length, this.closeAfter)
    this.bodyBytesOut = body.length
    if (!isWhole) return this.#sendBody(head, body)
    this.cork(() => {
      this.release()
      writeHead(this.response, head, this.closeAfter && this.#isTold())
      this.response.end(body, this.closeAfter)
    })
    this.finish()
  }

  sendHead(head: Head, contentLength: number | undefined): void {
    if (this.state !== 'open') return
    if (this.moreLines !== '') head = withMoreLines(this, head)
    if (this.#mustWait(head, 0)) {
      const kept = keepHead(head)
      this.hold()
      return void setImmediate(() => this.sendHead(kept, contentLength))
    }
    this.headBytesOut = headBytes(head, contentLength, this.closeAfter)
    this.cork(() => {
      this.release()
      pushHead(this.response, head, contentLength, this.closeAfter)
    })
    this.finish()
    if (this.closeAfter) this.parting.soon()
  }

  open(head: Head, contentLength: number | undefined): void {
    if (this.state !== 'open') return
    if (contentLength === 0) return this.send(head, new Uint8Array(0))
    if (this.moreLines !== '') head = withMoreLines(this, head)
    this.state = 'streaming'
    // This engine closes a connection only together with a whole answer.
    const mustBeWhole = this.closeAfter && contentLength !== undefined && contentLength <= wholeBytesMax
    this.headBytesOut = streamedHeadBytes(head, contentLength, this.closeAfter)
    this.#opened = new Opened(head, contentLength, mustBeWhole)
    if (!mustBeWhole) sendSoon(this)
  }

  write(chunk: Uint8Array): boolean {
    if (this.state !== 'streaming') return this.state !== 'gone'
    this.bodyBytesOut += chunk.length
    const opened = this.#opened
    if (opened?.take(chunk)) return true
    if (!opened?.isWholeBy(chunk) || this.closeAfter) return this.#begun().write(chunk)
    // Too long to wait for others, but all there.
    this.#opened = undefined
    this.state = 'open'
    this.#sendBody(opened.head, chunk)
    return true
  }

  offer(chunk: Uint8Array): number {
    if (this.state !== 'streaming') return chunk.length
    // The last of it may be the end of the exchange, in which it is counted.
    this.bodyBytesOut += chunk.length
    const taken = this.#opened?.take(chunk) ? chunk.length : this.#begun().offer(chunk)
    this.bodyBytesOut -= chunk.length - taken
    return taken
  }

  get outlet(): Outlet | undefined {
    return this.front.hasOutlets && !this.closeAfter ? this : undefined
  }

  get isFree(): boolean {
    return this.state === 'streaming' && this.#stream?.isFree === true
  }

  passed(bytes: number): void {
    this.bodyBytesOut += bytes
    this.#stream?.passed(bytes)
  }

  end(): void {
    if (this.state !== 'streaming') return
    if (this.#opened?.hasBody) return this.#opened.mustBeWhole ? this.sendOpened() : undefined
    this.#begun().end()
  }

  abort(): void {
    if (!this.isUsable()) return
    this.#lose()
    this.response.close()
  }

  receive(upload: Upload): void {
    this.#intake = new Intake(this.response, upload, () => this.isUsable())
  }
  pause(): void {
    this.#intake?.pause()
  }
  resume(): void {
    this.#intake?.resume()
  }
  drained(): void {
    this.onDrain?.()
  }
  finish(): void {
    if (!this.isUsable()) return
    this.state = 'ended'
    if (!this.closeAfter) this.front.replay?.release(this.token)
    this.#settle(true)
  }

  get parting(): Parting {
    this.#parting ??= new Parting(() => this.response.close())
    return this.#parting
  }

  #mustWait(head: Head, bodyBytes: number): boolean {
    return this.request !== undefined && mustWait(head, bodyBytes, this.closeAfter)
  }

  /** RFC 9112 9.6: it is to be said in the answer, too. The engine does not say it to who has said `close`, of five bytes. */
  #isTold(): boolean {
    return this.request === undefined ? this.#wasTold : this.fieldBytes('connection').length === 5
  }

  /** `tryEnd`: what the kernel does not take stays with us, and whoever reads nothing does not fill our memory. */
  #sendBody(head: Head, body: Uint8Array): void {
    if (this.request !== undefined) countCorked(headBytesOf(head), body.length)
    if (pushShort(this, head, body) || !this.isUsable()) return this.finish()
    if (this.isRefusing()) return this.abort()
    this.state = 'streaming'
    this.#stream = new Stream(this, undefined, body.length, this.front.stalled)
    // A copy, as the store's view does not outlive this call.
    this.#stream.keepRest(Buffer.from(body.subarray(this.response.getWriteOffset())))
  }

  /** A view on a store's buffer does not outlive this call: the stream copies what it has to keep. */
  #sendLarge(head: Head, body: Uint8Array): void {
    this.open(head, body.length)
    this.bodyBytesOut = body.length
    this.#begun().writeWhole(body)
  }

  /** What was opened in this turn goes out, with its body if that has come. */
  sendOpened(): void {
    if (this.#opened === undefined || !this.isUsable()) return
    if (!this.#opened.hasBody) return this.#begun().sendHeadAlone()
    const { head, body } = this.#opened
    this.#opened = undefined
    this.state = 'open'
    this.send(head, body)
  }

  #begun(): Stream {
    const { head, contentLength } = this.#opened ?? {}
    this.#opened = undefined
    // Behind which the connection closes: the head may be kept back beyond this turn, with the last byte that came (stream.ts).
    const kept = head !== undefined && this.closeAfter ? keepHead(head) : head
    this.#stream ??= new Stream(this, kept, contentLength, this.front.stalled)
    return this.#stream
  }

  #lose(): void {
    this.#parting?.cancel()
    if (!this.isUsable()) return
    this.state = 'gone'
    this.#settle(false)
  }

  #settle(completed: boolean): void {
    this.#stream?.drop()
    this.#intake?.lose()
    const ended = this.onEnd
    this.onEnd = this.onDrain = undefined
    ended?.(completed)
  }
}
