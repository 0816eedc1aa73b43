// The index as the keeper has it: opened as the workers do, to say how large it is over all of them, to take what is purged
// out of it, and to forget the snapshots of those who were killed, which keep pages from being used again.
import { type Databases, forgetDead, measure, openDatabases } from '../cache/databases.js'
import { hasRoom, noRoom } from '../cache/late-index.js'

export class IndexGauge {
  readonly #directory: string
  readonly #bytesMax: number
  #databases: Databases | undefined

  /** `bytesMax`: of the index. Nothing is opened yet. */
  constructor(cacheDirectory: string, bytesMax: number) {
    this.#directory = cacheDirectory
    this.#bytesMax = bytesMax
  }

  /** Opens the index if it is not open. Throws what lmdb says, and `store-full`; the next call tries again. */
  measure(): { entries: number; bytes: number } {
    const databases = this.open()
    // What was committed since, not what a snapshot of earlier shows.
    databases.root.resetReadTxn()
    return measure(databases)
  }

  forgetDeadReaders(): void {
    if (this.#databases !== undefined) forgetDead(this.#databases)
  }

  /** Nothing was written, so there is nothing to wait for but the closing. */
  async close(): Promise<void> {
    const databases = this.#databases
    this.#databases = undefined
    await databases?.root.close()
    databases?.changes?.close()
    databases?.marks?.close()
  }

  /** For whoever writes to it. Throws as `measure` does. */
  open(): Databases {
    if (this.#databases === undefined && !hasRoom(this.#directory)) throw noRoom(this.#directory)
    this.#databases ??= openDatabases(this.#directory, this.#bytesMax)
    return this.#databases
  }
}
