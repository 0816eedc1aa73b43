// Server-sent events (WHATWG HTML 9.2) to one reader: one that does not read is told what it has lost, and memory does not
// grow with it.
import type { ServerResponse } from 'node:http'

export interface SseOptions {
  /** What may wait for the reader. */
  bytesMax: number
  heartbeatMs: number
  /** Whether it may still listen. */
  mayListen: () => boolean
}

export class Sse {
  readonly #response: ServerResponse
  readonly #options: SseOptions
  readonly #beat: NodeJS.Timeout
  #dropped = 0

  constructor(response: ServerResponse, options: SseOptions) {
    this.#response = response
    this.#options = options
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.write(': hello\n\n')
    this.#beat = setInterval(() => this.#sign(), options.heartbeatMs).unref()
    response.on('close', () => clearInterval(this.#beat))
    response.on('drain', () => this.#tellDropped())
  }

  /** False: there was no room. */
  send(type: string, data: unknown, id?: number): boolean {
    if (!this.#options.mayListen()) {
      this.end()
      return false
    }
    if (this.#response.writableLength > this.#options.bytesMax) {
      this.#dropped += 1
      return false
    }
    const head = id === undefined ? '' : `id: ${id}\n`
    return this.#write(`${head}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  end(): void {
    clearInterval(this.#beat)
    this.#response.end()
  }

  #sign(): void {
    if (!this.#options.mayListen()) this.end()
    else if (this.#response.writableLength === 0) this.#write(': beat\n\n')
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return
    const count = this.#dropped
    this.#dropped = 0
    this.#write(`event: dropped\ndata: ${JSON.stringify({ count })}\n\n`)
  }

  #write(text: string): boolean {
    if (this.#response.writableEnded || this.#response.destroyed) return false
    this.#response.write(text)
    return true
  }
}
