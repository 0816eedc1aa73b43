// A client's connection on Node's own server: whose it is, and what Node has to be told about it.
import type { Socket } from 'node:net'
import type { LaneSource } from './lane.js'

/** Node gives the connection away, and its ear for errors with it: one that nobody hears would end the process. */
export function abandon(socket: Socket): void {
  socket.on('error', () => {})
}

/** Node reads on after every request unless its own mark says that it has paused: it takes the mark back when it drains. */
export function stoppable(socket: Socket): LaneSource {
  return {
    pause: () => void Object.assign(socket, { _paused: true }).pause(),
    resume: () => void Object.assign(socket, { _paused: false }).resume(),
    end: () => socket.destroySoon(),
  }
}

/** IPv4 clients of a listener for both come as IPv6. */
export function addressOf({ remoteAddress = '' }: { remoteAddress?: string | undefined }): string {
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress
}

export function authorityOf(socket: {
  localAddress?: string | undefined
  localPort?: number | undefined
}): string {
  const address = addressOf({ remoteAddress: socket.localAddress })
  return address.includes(':') ? `[${address}]:${socket.localPort}` : `${address}:${socket.localPort}`
}
