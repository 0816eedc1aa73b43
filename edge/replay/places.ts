// Where in memory that lies still stands what an answer hangs on, and what it is counted in.
import { usageFields } from '../../config/usage-fields.js'
import type { FormTally, ReplayMemory, Tally, Watched } from '../../native/index.js'
import type { ResponseEntry } from '../cache/entry.js'
import type { Edge } from '../edge.js'
import type { Exchange } from '../exchange.js'
import { hourOf } from '../usage/usage-file.js'

/** Where the columns of a site's row are. */
const column = Object.fromEntries(usageFields.map((name, index) => [name, index])) as Record<
  (typeof usageFields)[number],
  number
>

export class Places {
  readonly #memory: ReplayMemory
  /** What `watch` and `meter` said of memory. */
  readonly #memories = new Map<Int32Array | Float64Array, number>()

  constructor(memory: ReplayMemory) {
    this.#memory = memory
  }

  watchedBy({ store, admission }: Edge, x: Exchange): Watched[] | undefined {
    const { reads, changes } = store
    const { purges, invalidations } = admission
    if (reads === undefined || changes === undefined || purges === undefined) return undefined
    const watched: Watched[] = []
    const counters = this.#memoryOf(changes.counters)
    for (let at = 0; at < reads.count; at += 1)
      watched.push({ memory: counters, at: reads.slots[at]!, value: reads.generations[at]! | 0 })
    const [header, epochAt] = changes.epochPlace()
    watched.push({ memory: this.#memoryOf(header), at: epochAt, value: reads.epoch })
    const purged = purges.watched
    if (purged !== undefined)
      watched.push({ memory: this.#memoryOf(purged.words), at: purged.at, value: purged.value })
    if (invalidations !== undefined) {
      const at = invalidations.slotOf(x.key)
      watched.push({ memory: this.#memoryOf(invalidations.counters), at, value: invalidations.counters[at]! })
    }
    return watched
  }

  /** `unknown`: it is counted, but nobody knows where. */
  tallyOf({ meter }: Edge, { site, nowMs, status }: Exchange): Tally | undefined | 'unknown' {
    if (meter === undefined) return undefined
    const { cells, hour, at } = site!.place
    if (hour !== hourOf(nowMs)) return 'unknown'
    return {
      cells: this.#cellsOf(cells),
      requests: at + column.requests,
      bytesOut: at + column.bytesOut,
      status: at + (status === 304 ? column.status3xx : column.status2xx),
      hits: at + column.hit,
      bytesSaved: at + column.bytesSaved,
      aborted: at + column.aborted,
    }
  }

  formTallyOf({ forms }: Edge, { site }: Exchange, entry: ResponseEntry): FormTally | undefined {
    const { form, ofBytes, bodyBytes } = entry
    if (form === '') return undefined
    return {
      cells: this.#cellsOf(forms.saved.cellsOf(site!.name, form)),
      at: 0,
      bytesShorter: ofBytes - bodyBytes,
    }
  }

  #memoryOf(words: Int32Array): number {
    const known = this.#memories.get(words)
    if (known !== undefined) return known
    const made = this.#memory.watch(words)
    this.#memories.set(words, made)
    return made
  }

  #cellsOf(cells: Float64Array): number {
    const known = this.#memories.get(cells)
    if (known !== undefined) return known
    const made = this.#memory.meter(cells)
    this.#memories.set(cells, made)
    return made
  }
}
