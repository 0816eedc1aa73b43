// Changes of the running edge: one after the other, and at most one of each kind waiting.

/** What is done one after the other. */
export type Change = 'reload' | 'renew' | 'sites' | 'start over'

export class Changes<Kind extends string> {
  readonly #waiting = new Set<Kind>()
  #last: Promise<void> = Promise.resolve()

  /** Does `work` when the changes before are done; dropped when one of its kind waits: that one reads the newest file. */
  ask(kind: Kind, work: () => Promise<void>): void {
    if (this.#waiting.has(kind)) return
    this.#waiting.add(kind)
    this.#last = this.#last.then(() => {
      this.#waiting.delete(kind)
      return work()
    })
  }
}
