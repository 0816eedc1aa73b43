// A fill of this worker that others read while it comes: its head, and how far it is, in a log that they read on when they
// are told. When it cannot be published those who wait elsewhere wait until it is in the store.
import type { PlaceSoFar } from '../cache/segments/segments.js'
import type { Place as SlotPlace } from '../shared/slots.js'
import type { FillHead, FillLogWriter, FillProgress } from './fill-log.js'
import type { Offer } from './host-fill.js'

export interface PublicationOptions {
  create(head: FillHead): FillLogWriter
  /** Notes in the fill's slot that it can be read; false when it is not ours any more. */
  publish(place: SlotPlace): boolean
  /** Others can read on. */
  onGrow(): void
  onTrouble(error: Error): void
}

export class Publication {
  readonly #offer: Offer
  readonly #options: PublicationOptions
  #log: FillLogWriter | undefined

  constructor(offer: Offer, options: PublicationOptions) {
    this.#offer = offer
    this.#options = options
  }

  /** Others can read it. */
  get isOpen(): boolean {
    return this.#log !== undefined
  }

  begin(): void {
    const { fill, head, variant } = this.#offer
    const place = fill.showTo((grown, progress) => this.#append(grown, progress))
    if (place === undefined) return
    const { length } = fill
    const { segment } = place
    this.#try(() => {
      this.#log = this.#options.create({ variant, length, segment, record: head().bytes })
      this.#log.append(place, 'open')
    })
    if (this.#log === undefined) return
    if (this.#options.publish({ segment, offset: 0, total: length })) this.#options.onGrow()
    else this.end()
  }

  /** It is over: who reads along knows how it ended, or that it did not. */
  end(): void {
    const log = this.#log
    this.#log = undefined
    this.#try(() => log?.close())
  }

  #append(place: PlaceSoFar, progress: FillProgress): void {
    if (this.#log === undefined) return
    this.#try(() => this.#log?.append(place, progress))
    this.#options.onGrow()
  }

  /** What fails here costs others the time until it is stored, and this worker nothing. */
  #try(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.end()
      this.#options.onTrouble(error as Error)
    }
  }
}
