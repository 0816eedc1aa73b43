// Compresses what is short in the worker itself, synchronously, as long as that does not take too much of its time.
import type { OptimiseConfig } from '../../config/settings.js'
import type { ResponseEntry } from '../cache/entry.js'
import type { Store } from '../cache/store.js'
import type { Coding } from '../http/content-codings.js'
import { codingsAtHand, encode } from './codecs.js'

export class InlineEncoder {
  readonly #store: Store
  readonly #config: Pick<OptimiseConfig, 'inlineBytesMax' | 'inlineMs'>
  #second = 0
  /** Spent in it. */
  #spentMs = 0

  constructor(store: Store, config: Pick<OptimiseConfig, 'inlineBytesMax' | 'inlineMs'>) {
    this.#store = store
    this.#config = config
  }

  /** Undefined when it is too long, not in memory or the page cache, or there is no time left in this second. */
  encode(coding: Coding, entry: ResponseEntry, nowMs: number): Buffer | undefined {
    if (entry.bodyBytes > this.#config.inlineBytesMax || !codingsAtHand.has(coding)) return undefined
    const body = this.#hasTime(nowMs) ? this.#bodyAtHand(entry) : undefined
    if (body === undefined) return undefined
    const startedMs = performance.now()
    const coded = encode(coding, 'fast', body)
    this.#spentMs += performance.now() - startedMs
    return coded
  }

  #hasTime(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#spentMs = 0
    }
    return this.#spentMs < this.#config.inlineMs
  }

  #bodyAtHand(entry: ResponseEntry): Buffer | undefined {
    if (entry.isAtHand) return entry.body
    const { place } = entry
    const { bodies } = this.#store
    if (place === undefined || bodies === undefined) return undefined
    const body = Buffer.allocUnsafe(place.bytes)
    return bodies.segments.read(place, 0, body) === place.bytes ? body : undefined
  }
}
