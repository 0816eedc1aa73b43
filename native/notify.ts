// Tells systemd how the service is doing, as sd_notify(3) does, without its library.
import { loaded } from './addon.js'
import { failure } from './failure.js'

/**
 * Sends lines such as `READY=1` or `STATUS=draining` to the service manager; at most 4,096 bytes. False, and nothing
 * is sent, when nobody asked for it (no `NOTIFY_SOCKET`) or the addon is absent. Never waits.
 *
 * Throws ENOENT or ECONNREFUSED (nobody listens), EAGAIN (its queue is full), EAFNOSUPPORT (an address that is
 * neither a path nor abstract): a reason to log, none to stop.
 */
export function notifySystemd(message: string): boolean {
  const address = process.env.NOTIFY_SOCKET
  if (loaded.addon === undefined || address === undefined || address === '') return false
  if (!address.startsWith('/') && !address.startsWith('@')) {
    throw failure('EAFNOSUPPORT', `NOTIFY_SOCKET is neither a path nor an abstract name: ${address}`)
  }
  loaded.addon.notify(address, message)
  return true
}
