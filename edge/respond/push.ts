// Handing body bytes to uWebSockets.js without losing any: `tryEnd` when the length is known, small corked writes when
// it is not. Each returns the bytes that the engine did not take; keeping them is write.ts's.
import type { HttpResponse } from 'uWebSockets.js'
import { statusLine } from '../http/status.js'
import type { Head } from './responder.js'

/** A write above 16,376 bytes may lose data in this engine when the kernel buffer is full at that moment. */
const sliceBytesMax = 16_000

/** `done`: the answer is complete and the engine's response is dead. */
export type Pushed = { done: boolean; rest: Uint8Array | undefined }

const taken: Pushed = Object.freeze({ done: false, rest: undefined })
const done: Pushed = Object.freeze({ done: true, rest: undefined })

/**
 * Status line and header block; the engine adds Date and framing. 200 is what it writes by itself. `saysClose`: where
 * the engine's own close flag, which says so too, cannot be used.
 */
export function writeHead(response: HttpResponse, { status, block, tail }: Head, saysClose: boolean): void {
  if (status !== 200) response.writeStatus(statusLine(status))
  response.writeHeader(block, saysClose ? `${tail}\r\nConnection: close` : tail)
}

/** An answer of a head alone; one that `closes` is cut off by the caller. */
export function pushHead(
  response: HttpResponse,
  head: Head,
  contentLength: number | undefined,
  closes: boolean,
): void {
  if (closes) return void response.writeStatus(lastHead(head, contentLength))
  writeHead(response, head, false)
  if (contentLength !== undefined) response.writeHeader('Content-Length', String(contentLength))
  // With an argument this engine never completes the answer, or writes an absurd length.
  response.endWithoutBody()
}

/**
 * An answer of a head alone, whole and to be given as a status line: the engine closes a connection only together with
 * a body, so behind this head, which it does not know to be complete, the connection is cut instead.
 */
function lastHead({ status, block, tail }: Head, contentLength: number | undefined): Buffer {
  const length = contentLength === undefined ? '' : `Content-Length: ${contentLength}\r\n`
  const rest = `: ${tail}\r\nDate: ${new Date().toUTCString()}\r\nConnection: close\r\n${length}`
  return Buffer.concat([Buffer.from(`${statusLine(status)}\r\n`), block, Buffer.from(rest, 'latin1')])
}

/**
 * The end of a chunked body after which the connection is cut: the engine's own end would leave it open. What the
 * engine takes for one more header line is the last chunk with a trailer field (RFC 9112 7.1), or, before any chunk,
 * the end of the head.
 */
export function lastChunk(response: HttpResponse, isEmpty: boolean): void {
  if (isEmpty) response.writeHeader(`Date: ${new Date().toUTCString()}\r\nContent-Length`, '0\r\n')
  else response.writeHeader('\r\n0\r\nX-Last', '1\r\n')
}

/** What pushing needs of a connection; see `StreamOwner`. */
interface Pushing {
  readonly response: HttpResponse
  isUsable(): boolean
  cork(write: () => void): void
  release(): void
}

/** A short answer, whole, by `tryEnd`: what the engine does not take of the body stays with us. True when it is complete. */
export function pushShort(owner: Pushing, head: Head, body: Uint8Array): boolean {
  let isDone = false
  owner.cork(() => {
    owner.release()
    writeHead(owner.response, head, false)
    isDone = owner.response.tryEnd(body, body.length)[1]
  })
  return isDone
}

/** A piece of a body of `total` bytes; `before` runs inside its cork. */
export function pushKnown(owner: Pushing, chunk: Uint8Array, total: number, before: () => void): Pushed {
  const { response } = owner
  const from = response.getWriteOffset()
  let flags: [boolean, boolean] = [false, false]
  owner.cork(() => {
    before()
    if (from + chunk.length === total) owner.release()
    flags = response.tryEnd(chunk, total)
  })
  const [isTaken, isDone] = flags
  if (isDone) return done
  if (isTaken || !owner.isUsable()) return taken
  return { done: false, rest: chunk.subarray(response.getWriteOffset() - from) }
}

/**
 * A piece of a chunked body; `before` runs inside its first cork. The engine always takes a slice, but says when it is
 * behind: the slices after that one are left (an empty rest when it was the last), so that its own buffer never holds
 * more than one.
 */
export function pushChunked(owner: Pushing, chunk: Uint8Array, before: () => void): Pushed {
  for (let at = 0; at < chunk.length; at += sliceBytesMax) {
    const end = Math.min(at + sliceBytesMax, chunk.length)
    const slice = chunk.subarray(at, end)
    let isFlowing = true
    owner.cork(() => {
      before()
      isFlowing = owner.response.write(slice)
    })
    if (!owner.isUsable()) return taken
    if (!isFlowing) return { done: false, rest: chunk.subarray(end) }
  }
  return taken
}
