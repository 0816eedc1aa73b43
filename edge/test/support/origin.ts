// A scripted origin on a free loopback port: a play gives the script and reads what was asked of it.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface Asked {
  method: string
  target: string
  /** Flat, as received. */
  fields: string[]
  headers: IncomingMessage['headers']
}

export interface Origin {
  readonly url: string
  readonly port: number
  /** Every request so far, in the order of their heads. */
  readonly asked: Asked[]
  /** The script from now on. */
  script: RequestListener
  stop(): Promise<void>
}

/** Serves `script` until the test ends. */
export async function startOrigin(t: Test, script: RequestListener): Promise<Origin> {
  const asked: Asked[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', rawHeaders, headers } = request
    asked.push({ method, target: url, fields: rawHeaders, headers })
    origin.script(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const origin: Origin = { url: `http://127.0.0.1:${port}`, port, asked, script, stop }
  t.teardown(stop)
  return origin
}

export interface RawOrigin {
  readonly url: string
  /** Heads received so far, as text. */
  readonly heads: string[]
}

/** An origin that says what no HTTP server would: `script` gets the socket once a whole request head has come. */
export async function startRawOrigin(
  t: Test,
  script: (socket: Socket, head: string) => void,
): Promise<RawOrigin> {
  const heads: string[] = []
  const sockets = new Set<Socket>()
  const server = createRawServer(socket => {
    sockets.add(socket)
    let received = ''
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', chunk => {
      received += chunk.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = received.slice(0, end + 4)
      received = ''
      heads.push(head)
      script(socket, head)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>(resolve => server.close(() => resolve()))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heads }
}
