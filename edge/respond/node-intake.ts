// The request body's way from Node's own server into an upload, or into nothing when nobody wants it.
import type { Readable } from 'node:stream'
import type { Upload } from '../accept/upload.js'
import { EdgeError } from '../error.js'
import type { Wire } from './node-wire.js'

export interface IncomingBody {
  readonly body: Readable
  /** It waits for a 100 before it is sent (RFC 9110 10.1.1). */
  readonly awaitsInvitation: boolean
  /** Whether all of it has come. */
  readonly isWhole: () => boolean
}

/** A request as this engine has read it, as far as its answer needs it. */
export interface NodeRequest extends IncomingBody {
  /** Flat, names in lower case, values as bytes (latin1). */
  readonly fields: readonly string[]
  readonly remoteAddress: string
}

/** A client that is answered may still send so much of its body; then its connection is cut. */
const unreadBytesMax = 1_048_576

export class NodeIntake {
  readonly #incoming: IncomingBody
  #upload: Upload | undefined
  #isInvited = false

  constructor(incoming: IncomingBody) {
    this.#incoming = incoming
  }

  /** A body that was not invited may come or not: nobody could tell it from another request. */
  get isUncertain(): boolean {
    return this.#incoming.awaitsInvitation && !this.#isInvited
  }

  receive(upload: Upload, wire: Wire): void {
    const { body } = this.#incoming
    this.#upload = upload
    if (this.isUncertain) wire.invite()
    this.#isInvited = true
    body.on('data', (chunk: Buffer) => upload.receive(chunk, false))
    body.once('end', () => upload.receive(new Uint8Array(0), true))
    // Its close follows.
    body.on('error', () => {})
    body.once('close', () => {
      if (!body.readableEnded) upload.lose()
    })
  }

  pause(): void {
    this.#incoming.body.pause()
  }

  resume(): void {
    this.#incoming.body.resume()
  }

  /** What follows is no message: if it is the rest of this body, this body is none. */
  misread(): void {
    if (!this.#incoming.isWhole()) this.#upload?.destroy(misframed())
  }

  /** The answer ended or the client is gone: no more is wanted. */
  lose(): void {
    this.#upload?.lose()
  }

  /** The rest of a body that nobody wants is read and dropped, within reason. */
  drop(wire: Wire): void {
    const { body } = this.#incoming
    if (body.readableEnded || body.destroyed) return
    let bytes = 0
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > unreadBytesMax) wire.cut()
    })
    body.resume()
  }
}

function misframed(): EdgeError {
  return new EdgeError('framing', 'the request body is framed wrongly', { source: 'client', status: 400 })
}
