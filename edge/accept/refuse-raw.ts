// Answers of Node's server to what is no request at all: its parser has no exchange for it.
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

export type ParserError = NodeJS.ErrnoException & { rawPacket?: Buffer }

/** The client has left in the middle of a message. */
const leaving = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'])

/** Whether the bytes themselves are wrong. */
export function isMisread({ code = '' }: ParserError): boolean {
  return code.startsWith('HPE_') && !leaving.has(code)
}

/** What the parser refuses has no exchange. */
export function refuseRaw(error: ParserError, socket: Duplex): void {
  if (leaving.has(error.code ?? '') || !socket.writable) return void socket.destroy()
  const statuses: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }
  endRaw(socket, statuses[error.code ?? ''] ?? 400, error.rawPacket)
}

/** `asked`: what came last, as far as it is known: who asks by HEAD gets no body (RFC 9110 9.3.2). */
export function endRaw(socket: Duplex, status: number, asked?: Buffer): void {
  const isHead = asked?.subarray(0, 5).toString('latin1') === 'HEAD '
  const body = `${status} ${STATUS_CODES[status]}\n`
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: text/plain; charset=utf-8',
    'Cache-Control: no-store',
    `Content-Length: ${body.length}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${isHead ? '' : body}`, () => socket.destroy())
}
