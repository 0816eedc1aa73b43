// The addresses of one origin's name: asked for once in a while and not for every connection, kept when the name server
// fails, and known to the pool, so that a connection to an address that the name has left is not used again.
import { type LookupAddress, lookup as lookupInSystem } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** As `dns.lookup` with `all`. */
export type LookupAll = (
  name: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

type Waiting = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void

export class Addresses {
  readonly #name: string
  readonly #ttlMs: number
  readonly #lookup: LookupAll
  #known: readonly LookupAddress[] = []
  #freshUntilMs = 0
  #waiting: Waiting[] = []

  constructor(name: string, ttlMs: number, lookup: LookupAll = lookupInSystem) {
    this.#name = name
    this.#ttlMs = ttlMs
    this.#lookup = lookup
  }

  /** For `net.connect`. */
  readonly lookup: LookupFunction = (_name, options, done) => {
    this.#get((error, addresses) => {
      const [first] = addresses
      if (first === undefined) done(error, '', 0)
      else if (options.all === true) done(null, [...addresses])
      else done(null, first.address, first.family)
    })
  }

  /** Whether the name still has this address, as far as is known; asks anew when it is time. */
  isCurrent(address: string | undefined): boolean {
    const isTime = this.#ttlMs > 0 && performance.now() >= this.#freshUntilMs
    // Once, however many requests come while the name server thinks.
    if (isTime && this.#waiting.length === 0) this.#get(() => {})
    return this.#known.length === 0 || this.#known.some(known => known.address === address)
  }

  #get(done: Waiting): void {
    if (performance.now() < this.#freshUntilMs) return done(null, this.#known)
    if (this.#waiting.push(done) > 1) return
    this.#lookup(this.#name, { all: true }, (error, addresses) => {
      // A name server that fails has not said that the origin is elsewhere. It is asked again as soon.
      if (error === null) this.#known = addresses
      this.#freshUntilMs = performance.now() + this.#ttlMs
      const waiting = this.#waiting
      this.#waiting = []
      for (const each of waiting) each(error, this.#known)
    })
  }
}
