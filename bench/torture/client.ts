// One request of a torture's client, on a connection of its own, and what became of it.
import { get, type IncomingMessage, request as send } from 'node:http'
import { isPiece } from './content.js'
import type { Exchange } from './judge.js'

export interface Manner {
  method: string
  range: string
  kind: string
  /** Pauses between what it reads; 0 reads as it comes. */
  pauseMs: number
  /** Goes away after so many bytes. */
  leavesAfter: number
}

const LIMIT_MS = 60_000

export function exchange(port: number, target: string, manner: Manner): Promise<Exchange> {
  const beganMs = performance.now()
  const x: Exchange = {
    target,
    method: manner.method,
    range: manner.range,
    status: 0,
    version: '',
    from: 0,
    bodyBytes: 0,
    wrongAt: -1,
    end: 'cut',
    waitMs: 0,
  }
  return new Promise(resolve => {
    const headers: Record<string, string> = { Host: 'torture', 'X-Kind': manner.kind }
    if (manner.range !== '') headers.Range = manner.range
    const make = manner.method === 'GET' ? get : send
    const outgoing = make({
      port,
      host: '127.0.0.1',
      path: target,
      method: manner.method,
      headers,
      agent: false,
    })
    const limit = setTimeout(() => outgoing.destroy(), LIMIT_MS)
    const done = (end: Exchange['end']): void => {
      clearTimeout(limit)
      outgoing.destroy()
      x.waitMs ||= performance.now() - beganMs
      resolve({ ...x, end })
    }
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      done(error.code === 'ECONNREFUSED' ? 'refused' : 'cut')
    })
    outgoing.on('response', incoming => {
      x.waitMs = performance.now() - beganMs
      readHead(x, incoming)
      incoming.on('data', (chunk: Buffer) => {
        judgeChunk(x, chunk)
        if (x.bodyBytes >= manner.leavesAfter) return done('left')
        if (manner.pauseMs === 0) return
        incoming.pause()
        setTimeout(() => incoming.resume(), manner.pauseMs)
      })
      incoming.on('error', () => done('cut'))
      incoming.on('end', () => done(incoming.complete ? 'whole' : 'cut'))
    })
    outgoing.end()
  })
}

function readHead(x: Exchange, incoming: IncomingMessage): void {
  x.status = incoming.statusCode ?? 0
  x.version = String(incoming.headers['x-version'] ?? '')
  const [, first] = /^bytes (\d+)-/.exec(incoming.headers['content-range'] ?? '') ?? []
  x.from = Number(first ?? 0)
}

function judgeChunk(x: Exchange, chunk: Buffer): void {
  const isOurs = x.status === 200 || x.status === 206
  const at = x.from + x.bodyBytes
  x.bodyBytes += chunk.length
  if (isOurs && x.wrongAt < 0 && !isPiece(chunk, x.target, x.version, at)) x.wrongAt = at
}
