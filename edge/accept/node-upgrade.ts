// Requests with Upgrade on Node's own server, which gives their connections away: a handshake of a WebSocket is answered
// over its connection by hand; anything else is read once more as if it had not asked (RFC 9110 7.8).
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isHandshake } from '../http/web-socket.js'
import type { Handshake } from '../respond/node-socket.js'

/** What follows a body could not be told from frames. */
const bodyFields = new Set(['content-length', 'transfer-encoding'])

/** `fields`: flat, names in lower case. */
export function isBareHandshake(method: string | undefined, fields: readonly string[]): boolean {
  if (method !== 'GET' || !isHandshake(fields)) return false
  return !fields.some((text, at) => at % 2 === 0 && bodyFields.has(text))
}

/** A response for a connection that Node has given away; it ends with it, unless it becomes a WebSocket. */
export function handshakeOf(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  messageBytesMax: number,
): Handshake {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => socket.end())
  // RFC 6455 4.1: a client waits for the 101. One that does not, or leaves, is gone.
  const leave = (): void => void socket.destroy()
  socket.on('data', leave)
  socket.on('end', leave)
  if (head.length > 0) setImmediate(leave)
  const release = (): void => {
    socket.off('data', leave)
    socket.off('end', leave)
  }
  return { request, response, socket, messageBytesMax, release }
}

/** Puts the request back in front of what came behind it, without its Upgrade. */
export function putBack(request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
}
