// The opening handshake of a WebSocket as its fields say it (RFC 6455 4): pure. The digest that proves it is
// fetch/web-socket/'s, as http/ imports nothing.
import { allValues, combinedValue, type Fields, firstValue, isNamed } from './fields.js'
import { isToken, splitList } from './tokens.js'

/** The one there is (RFC 6455 4.4). */
export const webSocketVersion = '13'

/** RFC 6455 4.2.1. Whatever is not wholly a handshake is answered like any request: an upgrade may be ignored (RFC 9110 7.8). */
export function isHandshake(fields: Fields): boolean {
  if (!lists(fields, 'upgrade', 'websocket') || !lists(fields, 'connection', 'upgrade')) return false
  return isKey(allValues(fields, 'sec-websocket-key'))
}

export function isVersionSpoken(fields: Fields): boolean {
  const versions = allValues(fields, 'sec-websocket-version')
  return versions.length === 1 && versions[0] === webSocketVersion
}

/** The subprotocols that the client offers, its first choice first (RFC 6455 11.3.4). */
export function offeredProtocols(fields: Fields): string[] {
  return splitList(combinedValue(fields, 'sec-websocket-protocol') ?? '').filter(isToken)
}

/** The same request as our own: with `key`, and without the extensions, which are between two ends of one connection. */
export function handshakeToOrigin(fields: Fields, key: string, offered: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at < fields.length; at += 2) {
    if (!isHandshakeField(fields[at]!)) kept.push(fields[at]!, fields[at + 1]!)
  }
  kept.push('Upgrade', 'websocket', 'Connection', 'Upgrade')
  kept.push('Sec-WebSocket-Key', key, 'Sec-WebSocket-Version', webSocketVersion)
  if (offered.length > 0) kept.push('Sec-WebSocket-Protocol', offered.join(', '))
  return kept
}

/** Why a 101 with these fields is no answer to a handshake (RFC 6455 4.1), or undefined when it is one. */
export function handshakeFault(
  fields: Fields,
  accept: string,
  offered: readonly string[],
): string | undefined {
  if (!lists(fields, 'upgrade', 'websocket')) return '101 without Upgrade: websocket'
  if (!lists(fields, 'connection', 'upgrade')) return '101 without Connection: Upgrade'
  const accepts = allValues(fields, 'sec-websocket-accept')
  if (accepts.length !== 1 || accepts[0] !== accept)
    return 'a Sec-WebSocket-Accept that is not that of our key'
  if (firstValue(fields, 'sec-websocket-extensions')) return 'WebSocket extensions that nobody asked for'
  const protocols = allValues(fields, 'sec-websocket-protocol')
  if (protocols.length > 1 || protocols.some(protocol => !offered.includes(protocol)))
    return 'a WebSocket subprotocol that was not offered'
  return undefined
}

/** Whether it belongs to the handshake of one connection: the next has its own. */
export function isHandshakeField(name: string): boolean {
  return name.length > 14 && name.toLowerCase().startsWith('sec-websocket-')
}

function lists(fields: Fields, lowerCaseName: string, member: string): boolean {
  const value = combinedValue(fields, lowerCaseName)
  return value !== undefined && splitList(value).some(each => isNamed(each, member))
}

/** Base64 of 16 bytes (RFC 6455 4.1). */
function isKey(keys: readonly string[]): boolean {
  return keys.length === 1 && /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(keys[0]!)
}
