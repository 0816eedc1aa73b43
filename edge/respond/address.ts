// The address of a peer as people write it: the engine gives all digits of an IPv6 address, and the addresses of IPv4
// clients of a listener for both as such.
import type { HttpResponse } from 'uWebSockets.js'

const mapped = '0000:0000:0000:0000:0000:ffff:'

/**
 * Costs a system call. `isProxy`: whom to believe when it says for whom it connects, by the PROXY protocol, which the
 * engine reads from everybody.
 */
export function peerAddress(response: HttpResponse, isProxy?: (address: string) => boolean): string {
  const peer = textOf(response.getRemoteAddressAsText())
  if (!isProxy?.(peer)) return peer
  // Nothing when it did not say.
  return textOf(response.getProxiedRemoteAddressAsText()) || peer
}

/** The addresses of the clients of one listener, each asked for once in the life of its connection. */
export class PeerAddresses {
  readonly #known = new Map<number, string>()
  readonly #socketOf: ((response: HttpResponse) => number) | undefined
  readonly #isProxy: ((address: string) => boolean) | undefined

  /** `socketOf`: see `HeadScanner`; `isProxy`: see `peerAddress`. */
  constructor(
    socketOf: ((response: HttpResponse) => number) | undefined,
    isProxy?: (address: string) => boolean,
  ) {
    this.#socketOf = socketOf
    this.#isProxy = isProxy
  }

  of(response: HttpResponse): string {
    const socket = this.#socketOf?.(response) ?? 0
    const known = this.#known.get(socket)
    if (known !== undefined) return known
    const address = peerAddress(response, this.#isProxy)
    if (socket !== 0 && address !== '') this.#known.set(socket, address)
    return address
  }

  /** Its connection begins, ends, or is none of requests any more. */
  forget(response: HttpResponse): void {
    if (this.#socketOf !== undefined) this.#known.delete(this.#socketOf(response))
  }
}

function textOf(bytes: ArrayBuffer): string {
  return addressText(Buffer.from(bytes).toString('latin1'))
}

/** `text` is a dotted quad, which comes back as it is, or eight groups of four hex digits in lower case. */
export function addressText(text: string): string {
  if (!text.includes(':')) return text
  if (text.startsWith(mapped)) return dottedQuad(text.slice(mapped.length))
  const groups = text.split(':').map(group => group.replace(/^0{1,3}/, ''))
  const [at, length] = longestZeros(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, at).join(':')}::${groups.slice(at + length).join(':')}`
}

/** RFC 4291 2.5.5.2: `7f00:0001` is 127.0.0.1. */
function dottedQuad(groups: string): string {
  return [...Buffer.from(groups.replace(':', ''), 'hex')].join('.')
}

/** The first of the longest runs of zero groups (RFC 5952 4.2.3): where it begins and how long it is. */
function longestZeros(groups: readonly string[]): [at: number, length: number] {
  let best: [number, number] = [0, 0]
  for (let at = 0; at < groups.length; at += 1) {
    let end = at
    while (groups[end] === '0') end += 1
    if (end - at > best[1]) best = [at, end - at]
    at = Math.max(at, end - 1)
  }
  return best
}
