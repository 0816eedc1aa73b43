// A client's end of one kept connection that does as little as can be: writes requests that were put together beforehand,
// and counts the bytes of answers that say their length. For measuring, not for looking into what came.
import { connect, type Socket } from 'node:net'

/** No head of an answer may be longer. */
const HEAD_BYTES_MAX = 16_384
const READ_BYTES = 65_536
const HEAD_END = Buffer.from('\r\n\r\n')
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i

/** An answer is whole; `status` is 0 when the connection ended before. */
export type OnAnswer = (status: number, bodyBytes: number) => void

/** One request at a time: the next is sent when the answer to the last has come. */
export class Connection {
  #socket: Socket
  #onAnswer: OnAnswer | undefined
  #head = Buffer.alloc(0)
  /** Of the answer that is coming; -1 while its head is. */
  #bodyBytes = -1
  #bodyLeft = 0
  #status = 0

  private constructor(port: number, onReady: () => void, onFailed: (error: Error) => void) {
    // One buffer for all that comes: nothing is allocated for an answer.
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (bytes: number, read: Uint8Array) => this.#take(read as Buffer, bytes),
    }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket.once('connect', onReady)
    this.#socket.on('error', onFailed)
    this.#socket.once('close', () => this.#lose())
  }

  /** Rejects when nobody accepts it. */
  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection: Connection = new Connection(port, () => resolve(connection), reject)
    })
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /** `request` is a whole request as bytes. On a connection that has ended the answer is 0, in a later turn. */
  ask(request: Buffer, onAnswer: OnAnswer): void {
    if (!this.isOpen) return void setImmediate(onAnswer, 0, 0)
    this.#onAnswer = onAnswer
    this.#socket.write(request)
  }

  close(): void {
    this.#onAnswer = undefined
    this.#socket.destroy()
  }

  #take(read: Buffer, bytes: number): boolean {
    const chunk = read.subarray(0, bytes)
    if (this.#bodyBytes >= 0) this.#count(chunk.length)
    else this.#takeHead(chunk)
    return true
  }

  #takeHead(chunk: Buffer): void {
    const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const end = head.indexOf(HEAD_END)
    if (end === -1) {
      if (head.length > HEAD_BYTES_MAX) this.#socket.destroy()
      // A copy: the next read goes into the same buffer.
      this.#head = Buffer.from(head)
      return
    }
    const text = head.toString('latin1', 0, end)
    this.#head = Buffer.alloc(0)
    this.#status = Number(text.slice(9, 12))
    const length = CONTENT_LENGTH.exec(text)
    // 304 and 204 have no body; an answer of unknown length is none of ours.
    if (length === null && this.#status !== 304 && this.#status !== 204) return void this.#socket.destroy()
    this.#bodyBytes = this.#status === 304 ? 0 : Number(length?.[1] ?? 0)
    this.#bodyLeft = this.#bodyBytes
    this.#count(head.length - end - HEAD_END.length)
  }

  #count(bytes: number): void {
    this.#bodyLeft -= bytes
    if (this.#bodyLeft > 0) return
    // More than was promised: nothing that comes behind it can be understood.
    if (this.#bodyLeft < 0) return void this.#socket.destroy()
    this.#end(this.#status, this.#bodyBytes)
  }

  #end(status: number, bodyBytes: number): void {
    const onAnswer = this.#onAnswer
    this.#onAnswer = undefined
    this.#bodyBytes = -1
    onAnswer?.(status, bodyBytes)
  }

  #lose(): void {
    this.#end(0, 0)
  }
}
