// The origin of the measurements of a whole host: counts what it is asked, and can send so slowly that a fill lasts.
// It is apart from ../origin, which answers as fast as it can and does nothing else.
import { createServer, type Server, type ServerResponse } from 'node:http'
import { plainBytes } from '../origin/serve.js'

const BODY_BYTES_MAX = 1024 ** 3
/** So many different bodies and targets are remembered; a run knows fewer. */
const BODIES_MAX = 8
const TARGETS_MAX = 100_000
const TICK_MS = 50

export interface Asked {
  /** Requests for a target so far, and how many of them have been answered to the end. */
  begun: number
  ended: number
}

/**
 * `GET /object/BYTES/RATE/NAME` is BYTES of plainBytes() at RATE bytes per second, 0 for as fast as possible, good for a
 * day. `GET /asked/object/...` is what has been asked for that target, as JSON.
 */
export function serveCounted(): Server {
  const bodies = new Map<number, Buffer>()
  const targets = new Map<string, Asked>()
  return createServer((request, response) => {
    const target = String(request.url)
    const about = /^\/asked(\/.*)/.exec(target)?.[1]
    if (about !== undefined) {
      response.end(JSON.stringify(targets.get(about) ?? { begun: 0, ended: 0 }))
      return
    }
    const match = /^\/object\/(\d+)\/(\d+)\/\w+$/.exec(target)
    const [bytes, rate] = [Number(match?.[1]), Number(match?.[2])]
    if (match === null || bytes > BODY_BYTES_MAX || targets.size >= TARGETS_MAX) {
      response.writeHead(404, { 'Cache-Control': 'no-store' }).end()
      return
    }
    const asked = targets.get(target) ?? { begun: 0, ended: 0 }
    targets.set(target, { ...asked, begun: asked.begun + 1 })
    response.once('finish', () => {
      const now = targets.get(target)!
      targets.set(target, { ...now, ended: now.ended + 1 })
    })
    send(response, bodyOf(bytes, bodies), rate)
  })
}

function bodyOf(bytes: number, bodies: Map<number, Buffer>): Buffer {
  const body = bodies.get(bytes) ?? plainBytes(bytes)
  if (bodies.size < BODIES_MAX) bodies.set(bytes, body)
  return body
}

function send(response: ServerResponse, body: Buffer, bytesPerSecond: number): void {
  response.writeHead(200, {
    'Content-Type': 'image/jpeg',
    'Content-Length': body.length,
    'Cache-Control': 'public, max-age=86400',
  })
  if (bytesPerSecond === 0) {
    response.end(body)
    return
  }
  const pieceBytes = Math.ceil((bytesPerSecond * TICK_MS) / 1_000)
  let at = 0
  const timer = setInterval(() => {
    // Who takes it more slowly than that gets it more slowly.
    if (response.writableNeedDrain) return
    response.write(body.subarray(at, at + pieceBytes))
    at += pieceBytes
    if (at < body.length) return
    clearInterval(timer)
    response.end()
  }, TICK_MS)
  response.once('close', () => clearInterval(timer))
}
