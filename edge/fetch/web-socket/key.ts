// The key of an opening handshake and its proof (RFC 6455 4.1, 4.2.2).
import { createHash, randomBytes } from 'node:crypto'

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export function newKey(): string {
  return randomBytes(16).toString('base64')
}

/** The Sec-WebSocket-Accept of who has seen `key`. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(key).update(guid).digest('base64')
}
