// How long the head of an answer is as its client gets it: what is counted of it. Exact for HTTP/1.1 of the engine uws; the
// engine node adds lines of its own, and HTTP/2 has other heads, for which this is what they stand for.
import { statusLine } from '../http/status.js'
import type { Head } from './responder.js'

/** "HTTP/1.1 ", the ends of two lines and of the head, ": " before the tail, and Date. */
const frameBytes = 9 + 3 * 2 + 2 + 37
const chunkedBytes = 'Transfer-Encoding: chunked\r\n'.length
const lengthBytes = 'Content-Length: \r\n'.length
const closeBytes = 'Connection: close\r\n'.length

/** `framing`: the Content-Length, `chunked`, or neither. */
export function headBytes(
  { status, block, tail }: Head,
  framing: number | 'chunked' | undefined,
  closes: boolean,
): number {
  const bytes =
    frameBytes + statusLine(status).length + block.length + tail.length + (closes ? closeBytes : 0)
  if (framing === undefined) return bytes
  return bytes + (framing === 'chunked' ? chunkedBytes : lengthBytes + digitsOf(framing))
}

/** One that closes the connection is chunked, however long its body: see Stream. */
export function streamedHeadBytes(head: Head, contentLength: number | undefined, closes: boolean): number {
  return headBytes(head, closes || contentLength === undefined ? 'chunked' : contentLength, closes)
}

function digitsOf(count: number): number {
  let digits = 1
  for (let rest = count; rest >= 10; rest = Math.floor(rest / 10)) digits += 1
  return digits
}
