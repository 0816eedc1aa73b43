// Writes what is short to a socket at once: source/engine/send.cc.
import { loadEngineAddon } from './engine-addon.js'

const addon = loadEngineAddon()

/**
 * How many bytes of three texts one behind the other, latin1, the kernel took at once of a socket's `fd`; 0 when it takes none now, they are longer
 * than 16,384 bytes, or the addon is absent; the negated error number when the socket is broken. Never waits.
 */
export function sendNow(fd: number, first: string, second = '', third = ''): number {
  return addon === undefined ? 0 : addon.send(fd, first, second, third)
}
