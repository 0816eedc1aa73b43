// Tells that something has changed in a directory, but not more often than is good for who is told: a segment that is
// written to changes thousands of times a second. So each change ends the watching for a moment; a quiet directory
// costs nothing.
import { type FSWatcher, watch } from 'node:fs'

export interface WatchOptions {
  directory: string
  /** From a change until it is told, and at least between two tellings. */
  pauseMs: () => number
  onChange(): void
  /** It cannot be watched now; that is tried again after `pauseMs`. Changes must be found otherwise. */
  onTrouble(error: unknown): void
}

export class Watch {
  readonly #options: WatchOptions
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: WatchOptions) {
    this.#options = options
    this.#open()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#watcher?.close()
  }

  #open(): void {
    try {
      this.#watcher = watch(this.#options.directory, { persistent: false }, () => this.#pause())
      this.#watcher.once('error', error => this.#failed(error))
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#options.onTrouble(error)
    this.#pause()
  }

  /** What changes meanwhile is told with what has. */
  #pause(): void {
    if (this.#isClosed) return
    this.#watcher?.close()
    this.#watcher = undefined
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      // In this order, so that nothing falls between the two.
      this.#open()
      this.#options.onChange()
    }, this.#options.pauseMs()).unref()
  }
}
