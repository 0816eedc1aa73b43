// One client on a connection of its own that compares every byte it gets with what must come.
import { connect, type Socket } from 'node:net'
import { Problem } from '../problem.js'
import { BROWSER_FIELDS } from '../request.js'

const HEAD_BYTES_MAX = 16_384
const CONNECT_TIMEOUT_MS = 30_000
/** More at once could overflow the queue of those whom a server has not accepted yet. */
const CONNECTS_AT_ONCE = 128
const HEAD_END = '\r\n\r\n'

export class Client {
  /** performance.now() at the first byte of the answer. */
  firstByteMs = Number.POSITIVE_INFINITY
  bodyBytes = 0
  /** `broken` is a wrong byte, another status, or a connection that ended early. */
  state: 'reading' | 'whole' | 'broken' = 'reading'
  readonly #socket: Socket
  readonly #body: Buffer
  #head: Buffer | undefined = Buffer.alloc(0)
  #allowedBytes = Number.POSITIVE_INFINITY
  #begun: () => void = () => {}
  readonly #begin = new Promise<void>(resolve => {
    this.#begun = resolve
  })
  #ended: () => void = () => {}
  readonly #end = new Promise<void>(resolve => {
    this.#ended = resolve
  })

  constructor(socket: Socket, body: Buffer) {
    this.#socket = socket
    this.#body = body
    socket.on('data', chunk => this.#take(chunk))
    socket.on('error', () => this.#finish('broken'))
    socket.on('close', () => this.#finish('broken'))
  }

  ask(target: string): void {
    const fields = BROWSER_FIELDS.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#socket.write(`GET ${target} HTTP/1.1\r\n${fields}\r\n`)
  }

  /** Resolves at the first byte of the body, or when there will be none. */
  begun(): Promise<void> {
    return this.#begin
  }

  /** Resolves when it is not `reading` any more. */
  ended(): Promise<void> {
    return this.#end
  }

  /** It reads until it has so many bytes of the body, and no further but for the piece that is coming. */
  allow(bytes: number): void {
    this.#allowedBytes = bytes
    if (this.state === 'reading' && this.bodyBytes < bytes) this.#socket.resume()
  }

  /** What is still to come is left. */
  leave(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.firstByteMs = Math.min(this.firstByteMs, performance.now())
    const piece = this.#head === undefined ? chunk : this.#takeHead(this.#head, chunk)
    if (piece === undefined) return
    const end = this.bodyBytes + piece.length
    if (!piece.equals(this.#body.subarray(this.bodyBytes, end))) this.#finish('broken')
    this.bodyBytes = end
    if (end > 0) this.#begun()
    if (end === this.#body.length) this.#finish('whole')
    else if (end >= this.#allowedBytes) this.#socket.pause()
  }

  /** What comes behind the head; undefined while it is not complete, or wrong. */
  #takeHead(before: Buffer, chunk: Buffer): Buffer | undefined {
    const head = Buffer.concat([before, chunk])
    const end = head.indexOf(HEAD_END)
    this.#head = end < 0 ? head : undefined
    const isRight =
      end < 0 ? head.length < HEAD_BYTES_MAX : head.toString('latin1', 0, 13) === 'HTTP/1.1 200 '
    if (!isRight) this.#finish('broken')
    return end < 0 || !isRight ? undefined : head.subarray(end + HEAD_END.length)
  }

  #finish(state: 'whole' | 'broken'): void {
    if (this.state !== 'reading') return
    this.state = state
    this.leave()
    this.#begun()
    this.#ended()
  }
}

/** All of them connected, none of them asking. */
export async function connectClients(port: number, count: number, body: Buffer): Promise<Client[]> {
  const clients: Client[] = []
  while (clients.length < count) {
    const length = Math.min(CONNECTS_AT_ONCE, count - clients.length)
    const sockets = await Promise.all(Array.from({ length }, () => connected(port)))
    clients.push(...sockets.map(socket => new Client(socket, body)))
  }
  return clients
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const fail = (why: string): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(new Problem(`a client cannot connect to port ${port}: ${why}`, 1))
    }
    const onError = (error: Error): void => fail(error.message)
    const timer = setTimeout(fail, CONNECT_TIMEOUT_MS, `nobody accepts in ${CONNECT_TIMEOUT_MS} ms`)
    socket.once('error', onError)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeListener('error', onError)
      resolve(socket)
    })
  })
}
