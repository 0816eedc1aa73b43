// A request as uWebSockets.js hands it over, and the connection that it came on: what they are asked, corks, and holding the
// client back. What is answered is write.ts's.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { ResponderState } from './responder.js'
import type { UwsFront } from './uws-front.js'

export abstract class UwsConnection {
  state: ResponderState = 'open'
  readonly token: number
  /** Until the accepting call returns. */
  protected request: HttpRequest | undefined
  #isHeld = false

  constructor(
    readonly response: HttpResponse,
    request: HttpRequest,
    readonly front: UwsFront,
  ) {
    this.request = request
    this.token = front.replay?.token ?? 0
  }

  fieldBytes(lowerCaseName: string): string {
    return this.request?.getHeader(lowerCaseName) ?? ''
  }

  clientAddress(): string {
    return this.isUsable() ? this.front.peers.of(this.response) : ''
  }

  isUsable(): boolean {
    return this.state === 'open' || this.state === 'streaming'
  }

  /** The engine has corked the connection for the accepting call: asking for it again is 0.5 us of every hit. */
  cork(write: () => void): void {
    if (this.request === undefined) this.response.cork(write)
    else write()
  }

  /** Part of the head may be lost (cork.ts). Over TLS the engine says so of any piece not taken whole; no head is at risk. */
  isRefusing(): boolean {
    return !this.front.isSecure && this.request !== undefined && this.response.getWriteOffset() === 0
  }

  hold(): void {
    if (this.#isHeld || this.state !== 'open') return
    this.#isHeld = true
    this.response.pause()
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.response.resume()
  }
}
