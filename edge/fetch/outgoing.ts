// One request as it is written to an origin: a head that is one head whatever it holds, and its framing (RFC 9112 6).
import type { Upload } from '../accept/upload.js'
import type { OrdinaryAsk } from './envelope.js'
import type { Expected } from './response-parser.js'
import type { Ask } from './send.js'

/** One request as bytes, and its body. */
export interface Outgoing {
  /** Latin1, up to the empty line: to be written one behind the other. */
  head: string
  lines?: string | undefined
  rest?: string | undefined
  body: Upload | undefined
  /** Of `body`: whether it goes in chunks. */
  isChunked: boolean
  expected: Expected
}

/** RFC 9110 8.6: a request of these without a body says so. */
const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])
// What is neither a visible character nor a space in a target, a method, a host or an address.
const unsafe = /[^\x21-\xff]/

/** Undefined when it cannot be written as one request. */
export function outgoingOf(ask: Ask, allowUnknownTransferCoding: boolean): Outgoing | undefined {
  const { method, target, fields, lines, body, bodyBytes, handshake, ordinary } = ask
  if (unsafe.test(target) || unsafe.test(method)) return undefined
  if (ordinary !== undefined) return ordinaryOutgoing(ask, ordinary, allowUnknownTransferCoding)
  let head = `${method} ${target} HTTP/1.1\r\n`
  for (let at = 0; at < fields.length; at += 2) head += `${fields[at]}: ${fields[at + 1]}\r\n`
  if (!isLinesOf(head, fields.length / 2 + 1)) return undefined
  if (bodyBytes !== undefined) head += `Content-Length: ${bodyBytes}\r\n\r\n`
  else if (body !== undefined) head += 'Transfer-Encoding: chunked\r\n\r\n'
  else head += bodyMethods.has(method) ? 'Content-Length: 0\r\n\r\n' : '\r\n'
  if (lines !== undefined) head = withLines(head, lines)
  const expected = { method, isUpgrade: handshake !== undefined, allowUnknownTransferCoding }
  return { head, body, isChunked: body !== undefined && bodyBytes === undefined, expected }
}

/** All pieces were looked at when they were made, or come from the engine: what is left are those of this request. */
function ordinaryOutgoing(
  { method, target }: Ask,
  { host, lines, envelope, clientAddress }: OrdinaryAsk,
  allowUnknownTransferCoding: boolean,
): Outgoing | undefined {
  if (unsafe.test(host) || unsafe.test(clientAddress)) return undefined
  const { before, after } = envelope
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n`
  const rest = `${before}${clientAddress}${after}\r\n`
  const expected = { method, isUpgrade: false, allowUnknownTransferCoding }
  return { head, lines, rest, body: undefined, isChunked: false, expected }
}

/** Behind the first line and Host, which is the first field. */
function withLines(head: string, lines: string): string {
  const at = head.indexOf('\r\n', head.indexOf('\r\n') + 2) + 2
  return head.slice(0, at) + lines + head.slice(at)
}

/**
 * Whether it is so many lines and nothing else: a line feed too many would begin another line, or another request
 * (RFC 9112 11.1, 11.2), and other control characters no value has (RFC 9110 5.5).
 */
export function isLinesOf(head: string, lines: number): boolean {
  let ends = 0
  for (let at = 0; at < head.length; at += 1) {
    const code = head.charCodeAt(at)
    if (code >= 32 && code !== 127) continue
    if (code === 13 && head.charCodeAt(at + 1) === 10) {
      ends += 1
      at += 1
    } else if (code !== 9) return false
  }
  return ends === lines
}
