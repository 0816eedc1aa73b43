// What forms have saved, of a worker: bodies and bytes by site and form.
import type { SavedCounts } from '../serving.js'

interface Row {
  readonly site: string
  readonly form: string
  /** Responses and bytes: also counted in by who serves without being asked (replay/). */
  readonly cells: Float64Array
}

/** Larger than what V8 keeps on its own heap, where it could move. */
const cellsLength = 16

export class Saved {
  readonly #sites = new Map<string, Map<string, Row>>()

  /** A body was served in this form, so much shorter than the response itself. */
  note(site: string, form: string, bytes: number): void {
    const cells = this.cellsOf(site, form)
    cells[0]! += 1
    cells[1]! += bytes
  }

  list(): SavedCounts[] {
    const rows = [...this.#sites.values()].flatMap(forms => [...forms.values()])
    return rows.map(({ site, form, cells }) => ({ site, form, responses: cells[0]!, bytes: cells[1]! }))
  }

  /** Where it is counted. */
  cellsOf(site: string, form: string): Float64Array {
    return (this.#sites.get(site)?.get(form) ?? this.#begin(site, form)).cells
  }

  #begin(site: string, form: string): Row {
    const row = { site, form, cells: new Float64Array(cellsLength) }
    const forms = this.#sites.get(site) ?? new Map<string, Row>()
    this.#sites.set(site, forms.set(form, row))
    return row
  }
}

/** Adds `counts` to `sums`, in place. */
export function addSaved(sums: Map<string, SavedCounts>, counts: readonly SavedCounts[] | undefined): void {
  for (const one of counts ?? []) {
    // No site name holds a space.
    const key = `${one.site} ${one.form}`
    const sum = sums.get(key) ?? { ...one, responses: 0, bytes: 0 }
    sums.set(key, { ...sum, responses: sum.responses + one.responses, bytes: sum.bytes + one.bytes })
  }
}
