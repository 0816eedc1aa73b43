// What forms have saved, of a worker: bodies and bytes by site and form.
import type { SavedCounts } from '../serving.js'

export class Saved {
  readonly #sites = new Map<string, Map<string, SavedCounts>>()

  /** A body was served in this form, so much shorter than the response itself. */
  note(site: string, form: string, bytes: number): void {
    const counts = this.#sites.get(site)?.get(form) ?? this.#begin(site, form)
    counts.responses += 1
    counts.bytes += bytes
  }

  list(): SavedCounts[] {
    return [...this.#sites.values()].flatMap(forms => [...forms.values()].map(counts => ({ ...counts })))
  }

  #begin(site: string, form: string): SavedCounts {
    const counts = { site, form, responses: 0, bytes: 0 }
    const forms = this.#sites.get(site) ?? new Map<string, SavedCounts>()
    this.#sites.set(site, forms.set(form, counts))
    return counts
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
