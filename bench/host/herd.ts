// Many clients that ask for one thing in the same moment, and look at every byte of what they get.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Problem } from '../problem.js'

export interface Herd {
  /** Answers whose every byte was right. */
  right: number
  /** Milliseconds from asking to the first byte: of the median client and of the last. */
  firstMedianMs: number
  firstLastMs: number
  /** Until the last client had everything. */
  wholeMs: number
}

const LIMIT_MS = 120_000

/** Connects all of them first. */
export async function herd(port: number, target: string, clients: number, body: Buffer): Promise<Herd> {
  const sockets = await Promise.all(Array.from({ length: clients }, () => connected(port)))
  const beganMs = performance.now()
  const limit = setTimeout(() => {
    for (const socket of sockets) socket.destroy()
  }, LIMIT_MS)
  const answers = await Promise.all(sockets.map(socket => answerTo(socket, target, body, beganMs)))
  clearTimeout(limit)
  const firsts = answers.map(({ firstMs }) => firstMs).sort((a, b) => a - b)
  return {
    right: answers.filter(({ isRight }) => isRight).length,
    firstMedianMs: firsts[Math.floor(firsts.length / 2)]!,
    firstLastMs: firsts.at(-1)!,
    wholeMs: performance.now() - beganMs,
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  return socket
}

function answerTo(
  socket: Socket,
  target: string,
  body: Buffer,
  beganMs: number,
): Promise<{ firstMs: number; isRight: boolean }> {
  return new Promise(resolve => {
    let firstMs = Number.POSITIVE_INFINITY
    let head = ''
    let at = -1
    let isRight = true
    const end = (isWhole: boolean): void => {
      socket.destroy()
      resolve({ firstMs, isRight: isRight && isWhole && head.startsWith('HTTP/1.1 200') })
    }
    socket.on('data', chunk => {
      firstMs = Math.min(firstMs, performance.now() - beganMs)
      let piece = chunk
      if (at < 0) {
        head += chunk.toString('latin1')
        const headEnd = head.indexOf('\r\n\r\n')
        if (headEnd < 0) return
        piece = Buffer.from(head.slice(headEnd + 4), 'latin1')
        at = 0
      }
      isRight &&= piece.equals(body.subarray(at, at + piece.length))
      at += piece.length
      if (at >= body.length) end(at === body.length)
    })
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
    socket.write(`GET ${target} HTTP/1.1\r\nHost: bench\r\n\r\n`)
  })
}

/** Throws a Problem when not all of them were right. */
export function mustBeRight(what: string, { right }: Herd, clients: number): void {
  if (right !== clients) throw new Problem(`${what}: only ${right} of ${clients} answers were right`, 1)
}
