// What differs between HTTP/1 and HTTP/2 of Node's own server for an answer: how a head is written, how a connection is
// told to end. The answer itself is node-responder.ts's.
import type { ServerResponse } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'

/** The way of one answer to its client. */
export interface Wire {
  /** Bytes that the client has not taken yet. */
  readonly waitingBytes: number
  /** `fields`: flat list. `isLast`: no body follows. `closes`: nor another answer. */
  head(status: number, fields: string[], isLast: boolean, closes: boolean): void
  /** Keeps the chunk until it is taken; false asks to wait for the drain. */
  write(chunk: Buffer): boolean
  end(chunk?: Buffer): void
  /** Sends a head to which no body has come yet. */
  flush(): void
  /** A 103 with these values of Link (RFC 8297). */
  hint(links: readonly string[]): void
  /** Invites the body that waits for it (RFC 9110 10.1.1). */
  invite(): void
  /** Breaks the answer off so that it cannot be taken for complete. */
  cut(): void
}

export interface WireUser {
  /** All was handed to the kernel. */
  onFinish(): void
  onWireDrain(): void
  /** Whether it was finished or not. */
  onClose(): void
}

export class PlainWire implements Wire {
  readonly #response: ServerResponse

  constructor(response: ServerResponse, user: WireUser) {
    this.#response = response
    response.once('finish', () => user.onFinish())
    response.on('drain', () => user.onWireDrain())
    response.once('close', () => user.onClose())
    // The connection's: its close follows.
    response.on('error', () => {})
  }

  get waitingBytes(): number {
    return this.#response.writableLength
  }

  head(status: number, fields: string[], isLast: boolean, closes: boolean): void {
    const response = this.#response
    if (closes) fields.push('Connection', 'close')
    // RFC 9112 9.3: a client of 1.1 knows without being told.
    else if (response.req.httpVersion === '1.1') response.removeHeader('Connection')
    response.writeHead(status, fields)
    if (isLast) response.end()
  }

  write(chunk: Buffer): boolean {
    const response = this.#response
    response.write(chunk)
    // Node gathers what is written in a turn, and would not know before its end whether the kernel takes it.
    response.socket?.uncork()
    return !(response.writableNeedDrain && response.writableLength > 0)
  }

  end(chunk?: Buffer): void {
    this.#response.end(chunk)
  }

  flush(): void {
    this.#response.flushHeaders()
  }

  /** A client of 1.0 does not know that another answer follows (RFC 9110 15.2). */
  hint(links: readonly string[]): void {
    if (this.#response.req.httpVersion === '1.1') this.#response.writeEarlyHints({ link: [...links] })
  }

  invite(): void {
    this.#response.writeContinue()
  }

  cut(): void {
    this.#response.destroy()
  }
}

/** RFC 9113 8.2.2: what is of one connection is no field there. */
const ofConnection = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

export class StreamWire implements Wire {
  readonly #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream, user: WireUser) {
    this.#stream = stream
    // One that was reset finishes too.
    stream.once('finish', () => {
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR) user.onFinish()
    })
    stream.on('drain', () => user.onWireDrain())
    stream.once('close', () => user.onClose())
    // Its close follows.
    stream.on('error', () => {})
  }

  get #isOver(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  get waitingBytes(): number {
    return this.#stream.writableLength
  }

  head(status: number, fields: string[], isLast: boolean): void {
    if (this.#isOver) return
    const headers: Record<string, string | string[] | number> = { ':status': status }
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i]!.toLowerCase()
      if (!ofConnection.has(name)) add(headers, name, fields[i + 1]!)
    }
    this.#stream.respond(headers, { endStream: isLast })
  }

  write(chunk: Buffer): boolean {
    return this.#stream.write(chunk)
  }

  end(chunk?: Buffer): void {
    this.#stream.end(chunk)
  }

  /** Sent when it was written. */
  flush(): void {}

  hint(links: readonly string[]): void {
    if (!this.#isOver) this.#stream.additionalHeaders({ ':status': 103, link: [...links] })
  }

  invite(): void {
    if (!this.#isOver) this.#stream.additionalHeaders({ ':status': 100 })
  }

  cut(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }
}

/** Of several lines one, as Node wants it of many (RFC 9110 5.3), but for those that are no list. */
function add(headers: Record<string, string | string[] | number>, name: string, value: string): void {
  const before = headers[name]
  if (name === 'set-cookie') headers[name] = before === undefined ? [value] : [...(before as string[]), value]
  else headers[name] = before === undefined ? value : `${before}, ${value}`
}
