// One question on a connection that others were asked on before.
import { once } from 'node:events'
import type { RawClient } from '../../support/client.js'

/** The next answer, whole. Rejects when the connection is closed before. */
export async function answerTo(client: RawClient, request: string): Promise<string> {
  const from = client.received().length
  client.write(request)
  for (;;) {
    const text = client.received().slice(from)
    if (isWhole(text, request)) return text
    if (client.socket.destroyed) throw new Error(`closed within ${JSON.stringify(text.slice(0, 500))}`)
    await Promise.race([once(client.socket, 'data'), once(client.socket, 'close')])
  }
}

function isWhole(text: string, request: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  if (request.startsWith('HEAD') || text.startsWith('HTTP/1.1 304')) return true
  const length = /\r\nContent-Length: (\d+)/i.exec(text)?.[1]
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length)
}
