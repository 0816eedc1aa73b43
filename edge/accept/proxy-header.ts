// The header of the PROXY protocol, by which who connects for somebody else says for whom: version 1 is a line of text,
// version 2 is binary (haproxy.org, proxy-protocol.txt). Pure.
import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** `address`: undefined when it has none to tell, as for a connection of the proxy itself. */
export type ProxyHeader =
  | { kind: 'incomplete' }
  | { kind: 'absent' }
  | { kind: 'malformed' }
  | { kind: 'complete'; length: number; address: string | undefined }

const absent: ProxyHeader = { kind: 'absent' }
const incomplete: ProxyHeader = { kind: 'incomplete' }
const malformed: ProxyHeader = { kind: 'malformed' }

const textStart = Buffer.from('PROXY ')
const binaryStart = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** The longest line of version 1, with its CRLF. */
const textBytesMax = 107
/** Of version 2, whose further values may be up to 64 KiB that nobody needs. */
const binaryBytesMax = 4096
/** Of version 2, before the addresses. */
const fixedBytes = 16

/** `bytes`: what has come of a connection so far. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (isStart(bytes, binaryStart)) return bytes.length < fixedBytes ? incomplete : readBinary(bytes)
  if (isStart(bytes, textStart)) return bytes.length < textStart.length ? incomplete : readText(bytes)
  return absent
}

/** As far as it has come. */
function isStart(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.subarray(0, length).equals(start.subarray(0, length))
}

function readText(bytes: Buffer): ProxyHeader {
  const line = bytes.subarray(0, textBytesMax).toString('latin1')
  const length = line.indexOf('\r\n') + 2
  if (length < 2) return bytes.length < textBytesMax ? incomplete : malformed
  const [, family, from = '', to = '', fromPort = '', toPort = '', ...more] = line
    .slice(0, length - 2)
    .split(' ')
  // Whatever follows it.
  if (family === 'UNKNOWN') return { kind: 'complete', length, address: undefined }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isSix : () => false
  const isSound = isAddress(from) && isAddress(to) && isPort(fromPort) && isPort(toPort) && more.length === 0
  return isSound ? { kind: 'complete', length, address: plain(from) } : malformed
}

/** A zone means nothing elsewhere. */
function isSix(text: string): boolean {
  return isIPv6(text) && !text.includes('%')
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535
}

function readBinary(bytes: Buffer): ProxyHeader {
  const [versionAndCommand, family] = bytes.subarray(12)
  const addressBytes = bytes.readUInt16BE(14)
  const length = fixedBytes + addressBytes
  const isKnown = versionAndCommand === 0x20 || versionAndCommand === 0x21
  if (!isKnown || length > binaryBytesMax) return malformed
  if (bytes.length < length) return incomplete
  // Its own connection, as for a look at our health; or nothing of TCP.
  const needed = family === 0x11 ? 12 : family === 0x21 ? 36 : 0
  if (versionAndCommand === 0x20 || needed === 0) return { kind: 'complete', length, address: undefined }
  if (addressBytes < needed) return malformed
  return { kind: 'complete', length, address: binaryAddress(bytes, family === 0x11) }
}

function binaryAddress(bytes: Buffer, isFour: boolean): string {
  if (isFour) return bytes.subarray(fixedBytes, fixedBytes + 4).join('.')
  const groups = bytes.toString('hex', fixedBytes, fixedBytes + 16).match(/.{4}/g)!
  return plain(groups.join(':'))
}

/** In the one spelling of the system; that of IPv4 where it is one. */
function plain(address: string): string {
  if (!address.includes(':')) return address
  const text = new SocketAddress({ address, family: 'ipv6' }).address
  return text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text
}
