// Scripted clients: one that speaks HTTP and reads an answer, and one that writes bytes as it likes.
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, Agent as SecureAgent } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'

export interface Reply {
  status: number
  headers: IncomingMessage['headers']
  /** Flat, as received: repeated lines show. */
  fields: string[]
  body: Buffer
  /** `body` as text. */
  text: string
}

export interface Request {
  method?: string
  headers?: Record<string, string | string[]>
  /** A text or bytes go with Content-Length; an iterable goes chunked. */
  body?: string | Buffer | AsyncIterable<Buffer>
  agent?: Agent
}

/** Ports that are spoken to over TLS, whoever the certificate is for. */
export const securePorts = new Set<number>()

/** One request on a connection of its own (unless an agent is given); rejects when the answer is broken off. */
export function get(port: number, target: string, asked: Request = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body, agent } = asked
  return new Promise((resolve, reject) => {
    const length =
      typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': Buffer.byteLength(body) } : {}
    const isSecure = securePorts.has(port)
    const outgoing = (isSecure ? httpsRequest : httpRequest)(
      {
        port,
        path: target,
        method,
        headers: { ...length, ...headers },
        agent: agent ?? (isSecure ? new SecureAgent({ rejectUnauthorized: false }) : new Agent()),
      },
      incoming => {
        const chunks: Buffer[] = []
        incoming.on('data', chunk => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const whole = Buffer.concat(chunks)
          if (!incoming.complete) return reject(new Error('the answer is not complete'))
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            fields: incoming.rawHeaders,
            body: whole,
            text: whole.toString('latin1'),
          })
        })
      },
    )
    outgoing.on('error', reject)
    void writeBody(outgoing, body)
  })
}

async function writeBody(outgoing: ReturnType<typeof httpRequest>, body: Request['body']): Promise<void> {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    outgoing.end(body)
    return
  }
  try {
    for await (const chunk of body) {
      if (!outgoing.write(chunk)) await new Promise(resolve => outgoing.once('drain', resolve))
    }
    outgoing.end()
  } catch (error) {
    outgoing.destroy(error as Error)
  }
}

export interface RawClient {
  readonly socket: Socket
  /** Everything received so far, latin1. */
  received(): string
  /** Resolves when `pattern` has come; rejects when the connection ends before, or after a minute. */
  until(pattern: RegExp | string): Promise<string>
  /** Resolves with everything received when the peer has closed; rejects after a minute. */
  closed(): Promise<string>
  write(text: string | Buffer): void
}

/** Nothing takes so long but what never comes, on a machine however busy. */
const limitMs = 60_000

/** A connection that says exactly what a play writes. */
export async function connectRaw(port: number): Promise<RawClient> {
  const isSecure = securePorts.has(port)
  const where = { port, host: '127.0.0.1' }
  const socket = isSecure ? connectSecurely({ ...where, rejectUnauthorized: false }) : connect(where)
  await new Promise<void>((resolve, reject) => {
    socket.once(isSecure ? 'secureConnect' : 'connect', resolve)
    socket.once('error', reject)
  })
  let text = ''
  let isClosed = false
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  const wait = (isDone: () => boolean, what: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (isDone()) settle(() => resolve(text))
        else if (isClosed) settle(() => reject(new Error(`closed before ${what}: ${JSON.stringify(text)}`)))
      }
      const timer = setTimeout(
        () =>
          settle(() =>
            reject(new Error(`no ${what} in ${limitMs} ms: ${JSON.stringify(text.slice(0, 2000))}`)),
          ),
        limitMs,
      )
      const settle = (then: () => void): void => {
        clearTimeout(timer)
        socket.off('data', check)
        socket.off('close', check)
        then()
      }
      socket.on('data', check)
      socket.on('close', check)
      check()
    })
  return {
    socket,
    received: () => text,
    until: pattern =>
      wait(
        () => (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)),
        String(pattern),
      ),
    closed: () => wait(() => isClosed, 'end of the connection'),
    write: bytes => void socket.write(bytes),
  }
}
