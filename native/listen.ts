// Listening sockets of several processes on one port (SO_REUSEPORT): the kernel spreads the connections over them.
import { requireAddon } from './addon.js'
import type { NativeFailure } from './failure.js'

/**
 * The descriptor of a socket that listens there, for `server.listen({ fd })`, which then owns it; an absent address is all, of IPv4 and
 * IPv6. Throws EADDRINUSE (somebody listens there who does not share), EACCES, EADDRNOTAVAIL, `native-absent`.
 */
export function listenOn(address: string | undefined, port: number): number {
  const addon = requireAddon()
  if (address !== undefined) return addon.listenOn(address, port)
  try {
    return addon.listenOn('::', port)
  } catch (error) {
    // A machine without IPv6.
    if ((error as NativeFailure).code !== 'EAFNOSUPPORT') throw error
    return addon.listenOn('0.0.0.0', port)
  }
}
