// The responder on Node's own server, HTTP/1 and HTTP/2 alike. What the kernel does not take waits in Node's buffers: it
// is counted against the same budget as what other engines leave with us, and flows no faster than the client reads.
import type { Upload } from '../accept/upload.js'
import { firstValue } from '../http/fields.js'
import type { StalledBytes } from './backlog.js'
import type { Acceptance, ClientSocketUser } from './client-socket.js'
import { headBytes } from './head-bytes.js'
import { fieldsOf } from './head-fields.js'
import { NodeIntake, type NodeRequest } from './node-intake.js'
import { acceptHandshake, type Handshake } from './node-socket.js'
import type { Wire, WireUser } from './node-wire.js'
import type { Head, Responder, ResponderState } from './responder.js'

/** So much of what is offered may wait with us, as Node says only afterwards whether there was room. */
export const offeredBytesMax = 16_384

export class NodeResponder implements Responder, WireUser {
  readonly tellsDate = true
  state: ResponderState = 'open'
  bodyBytesOut = 0
  headBytesOut = 0
  onEnd: ((completed: boolean) => void) | undefined = undefined
  onDrain: (() => void) | undefined = undefined
  closeAfter = false
  moreLines = ''
  readonly #stalled: StalledBytes
  readonly #over: () => void
  readonly #handshake: Handshake | undefined
  #request: NodeRequest | undefined
  #wire!: Wire
  readonly #intake: NodeIntake
  /** Declared length, -1 when it is not known. */
  #total = -1
  /** What was handed over last was not taken at once. */
  #isBehind = false
  #isEnding = false
  #isHeld = false
  #countedBytes = 0
  /** Of a whole body: Node gets no more of it than the client takes, as it counts what all streams of a client have waiting. */
  #rest: Buffer | undefined

  /** `over`: the connection, or the stream, is free for another answer, or gone. */
  constructor(request: NodeRequest, stalled: StalledBytes, over: () => void, handshake?: Handshake) {
    this.#handshake = handshake
    this.#request = request
    this.#intake = new NodeIntake(request)
    this.#stalled = stalled
    this.#over = over
  }

  attach(wire: Wire): void {
    this.#wire = wire
  }

  accepted(): void {
    this.#request = undefined
  }

  fieldBytes(lowerCaseName: string): string {
    return firstValue(this.#request?.fields ?? [], lowerCaseName) ?? ''
  }

  clientAddress(): string {
    return this.#isUsable() ? (this.#request?.remoteAddress ?? '') : ''
  }

  send(head: Head, body: Uint8Array): void {
    if (this.state !== 'open') return
    this.#begin(head, body.length, body.length === 0)
    this.#isEnding = true
    if (body.length === 0) return
    const copy = Buffer.from(body)
    if (copy.length > offeredBytesMax) return this.#pushRest(copy)
    this.bodyBytesOut = copy.length
    this.#wire.end(copy)
    this.#account()
  }

  sendHead(head: Head, contentLength: number | undefined): void {
    if (this.state !== 'open') return
    this.#begin(head, contentLength, true)
    this.#isEnding = true
  }

  open(head: Head, contentLength: number | undefined): void {
    if (this.state !== 'open') return
    if (contentLength === 0) return this.send(head, new Uint8Array(0))
    this.#begin(head, contentLength, false)
    this.#total = contentLength ?? -1
    // Most bodies begin in the turn of their head.
    setImmediate(() => {
      if (this.state === 'streaming') this.#wire.flush()
    })
  }

  write(chunk: Uint8Array): boolean {
    if (!this.#isTaking()) return this.state !== 'gone'
    this.#assertDeclared(chunk.length)
    this.#push(chunk)
    return !this.#isBehind && this.#isUsable()
  }

  offer(chunk: Uint8Array): number {
    if (!this.#isTaking()) return chunk.length
    this.#assertDeclared(chunk.length)
    let taken = 0
    while (taken < chunk.length && !this.#isBehind && this.#isUsable()) {
      const piece = chunk.subarray(taken, taken + offeredBytesMax)
      this.#push(piece)
      taken += piece.length
    }
    return taken
  }

  end(): void {
    if (!this.#isTaking()) return
    if (this.bodyBytesOut < this.#total) throw new Error('body ended before its declared length')
    this.#isEnding = true
    this.#wire.end()
    if (this.#wire.waitingBytes === 0) this.onFinish()
  }

  abort(): void {
    if (!this.#isUsable()) return
    this.#wire.cut()
    this.#settle('gone')
  }

  /** Requests of one connection are taken one after the other anyway (lane.ts); its FIN is not minded from here on. */
  hold(): void {
    this.#isHeld = true
  }

  onHalfClosed(): void {
    this.closeAfter = true
    if (!this.#isHeld && !this.#isEnding) this.abort()
  }

  openWebSocket(acceptance: Acceptance, user: ClientSocketUser): void {
    if (this.state !== 'open' || this.#handshake === undefined) return
    const fields = fieldsOf(this, acceptance.head)
    this.#settle('ended')
    acceptHandshake(this.#handshake, fields, acceptance, user)
  }

  sendEarlyHints(links: readonly string[]): void {
    if (this.state === 'open' && links.length > 0) this.#wire.hint(links)
  }

  receive(upload: Upload): void {
    this.#intake.receive(upload, this.#wire)
  }

  pause(): void {
    if (this.#isUsable()) this.#intake.pause()
  }

  resume(): void {
    if (this.#isUsable()) this.#intake.resume()
  }

  onMisread(): void {
    this.closeAfter = true
    this.#intake.misread()
  }

  onFinish(): void {
    if (!this.#isUsable() || !this.#isEnding) return
    this.#settle('ended')
    this.#intake.drop(this.#wire)
  }

  onClose(): void {
    if (this.#isUsable()) this.#settle('gone')
    this.#over()
  }

  onWireDrain(): void {
    this.#account()
    if (!this.#isBehind) return
    this.#isBehind = false
    if (this.#rest !== undefined) this.#pushRest(this.#rest)
    else if (!this.#isEnding) this.onDrain?.()
  }

  #isTaking(): boolean {
    return this.state === 'streaming' && !this.#isEnding
  }

  #isUsable(): boolean {
    return this.state === 'open' || this.state === 'streaming'
  }

  #begin(head: Head, contentLength: number | undefined, isLast: boolean): void {
    this.state = 'streaming'
    const fields = fieldsOf(this, head)
    this.headBytesOut = headBytes(head, contentLength ?? (isLast ? undefined : 'chunked'), this.closeAfter)
    if (contentLength !== undefined) fields.push('Content-Length', String(contentLength))
    this.#wire.head(head.status, fields, isLast, this.closeAfter || this.#intake.isUncertain)
  }

  #pushRest(body: Buffer): void {
    let at = 0
    while (at < body.length && !this.#isBehind && this.#isUsable()) {
      const piece = body.subarray(at, at + offeredBytesMax)
      at += piece.length
      this.#rest = body.subarray(at)
      this.#push(piece)
    }
    if (at < body.length || !this.#isUsable()) return
    this.#rest = undefined
    this.#wire.end()
  }

  #assertDeclared(bytes: number): void {
    const isMore = this.#total >= 0 && this.bodyBytesOut + bytes > this.#total
    if (isMore) throw new Error('more body than declared')
  }

  #push(chunk: Uint8Array): void {
    this.bodyBytesOut += chunk.length
    this.#isBehind = !this.#wire.write(Buffer.from(chunk))
    this.#account()
  }

  /** What waits is paid for out of the worker's budget; beyond it the answer ends. */
  #account(): void {
    if (!this.#isUsable()) return
    const waiting = this.#wire.waitingBytes + (this.#rest?.length ?? 0)
    this.#stalled.used += waiting - this.#countedBytes
    this.#countedBytes = waiting
    if (this.#stalled.used <= this.#stalled.max) return
    this.#stalled.broken += 1
    this.abort()
  }

  #settle(state: 'ended' | 'gone'): void {
    this.state = state
    this.#stalled.used -= this.#countedBytes
    this.#countedBytes = 0
    this.#intake.lose()
    const ended = this.onEnd
    this.onEnd = undefined
    this.onDrain = undefined
    ended?.(state === 'ended')
  }
}
