// Who may come in: how many connections are open at a listener, in all and of each address. Beyond that they are closed
// at once, and so are those that do not say whose they are as they should.

export type WhyRefused = 'connections' | 'address' | 'overload' | 'proxy'

export interface DoorLimits {
  /** `listen[].connectionsMax`. */
  connectionsMax: number
  /** `listen[].connectionsPerAddressMax`; undefined where the engine does not tell addresses. */
  perAddressMax?: number | undefined
  /** Whether nobody may come in now. */
  isShut?: () => boolean
}

/** What all doors of a worker count. */
export interface DoorCounters {
  /** Open now. */
  connections: number
  /** Closed at once because there were too many, or too many of their address. */
  connectionsRefused: number
  addressesRefused: number
  /** Closed at once because the worker was overloaded. */
  connectionsShed: number
  /** Closed because what was to say for whom they were made could not be read. */
  proxyHeadersRefused: number
}

const counterOf = {
  connections: 'connectionsRefused',
  address: 'addressesRefused',
  overload: 'connectionsShed',
  proxy: 'proxyHeadersRefused',
} as const

export class Door {
  readonly #limits: DoorLimits
  readonly #counters: DoorCounters
  readonly #onRefused: (why: WhyRefused) => void
  #open = 0
  readonly #ofAddress = new Map<string, number>()

  constructor(limits: DoorLimits, counters: DoorCounters, onRefused: (why: WhyRefused) => void) {
    this.#limits = limits
    this.#counters = counters
    this.#onRefused = onRefused
  }

  /** Whether it may stay; `leave` is called either way when it is gone. */
  enter(address = ''): boolean {
    this.#open += 1
    this.#counters.connections += 1
    const fits = this.#count(address)
    if (this.#limits.isShut?.()) return this.refuse('overload')
    if (this.#open > this.#limits.connectionsMax) return this.refuse('connections')
    return fits || this.refuse('address')
  }

  /** Whose it is of one that entered without an address: whether it may stay; `leave` is called with this one. */
  know(address: string): boolean {
    return this.#count(address) || this.refuse('address')
  }

  leave(address = ''): void {
    this.#open -= 1
    this.#counters.connections -= 1
    const place = networkOf(address)
    const ofAddress = (this.#ofAddress.get(place) ?? 0) - 1
    if (ofAddress > 0) this.#ofAddress.set(place, ofAddress)
    else this.#ofAddress.delete(place)
  }

  refuse(why: WhyRefused): false {
    this.#counters[counterOf[why]] += 1
    this.#onRefused(why)
    return false
  }

  /** Whether there are not too many of it. */
  #count(address: string): boolean {
    const place = networkOf(address)
    if (place === '') return true
    const ofAddress = (this.#ofAddress.get(place) ?? 0) + 1
    this.#ofAddress.set(place, ofAddress)
    return ofAddress <= (this.#limits.perAddressMax ?? Number.POSITIVE_INFINITY)
  }
}

/** One client has a whole /64 of IPv6 (RFC 6177 2). */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [front = '', back] = address.split('%')[0]!.split('::')
  const groups = front === '' ? [] : front.split(':')
  const missing = back === undefined ? 0 : 8 - groups.length - (back === '' ? 0 : back.split(':').length)
  const all = [...groups, ...Array<string>(missing).fill('0'), ...(back ? back.split(':') : [])]
  return `${all.slice(0, 4).join(':')}::/64`
}
