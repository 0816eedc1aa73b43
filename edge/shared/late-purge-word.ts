// The word of the purges where the disk may have no room for it yet: it is tried again until it has.
import type { EdgeError } from '../error.js'
import { type OpenPurgeWord, openPurgeWord } from './open-purge-word.js'
import type { PurgeWord } from './purge-word.js'
import type { Replaced } from './shared-file.js'

/** Each request asks while there is none. */
const tryEveryMs = 1_000

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

export interface LatePurgeWordOptions {
  cacheDirectory: string
  /** There is no room; said once. */
  onFull(error: EdgeError): void
  /** The file could not be used, and is new now. */
  onReplaced(replaced: Replaced): void
  /** Monotonic, milliseconds; performance.now when absent. */
  now?: () => number
}

export class LatePurgeWord {
  readonly #options: LatePurgeWordOptions
  #opened: OpenPurgeWord | undefined
  #triedMs: number | undefined

  constructor(options: LatePurgeWordOptions) {
    this.#options = options
  }

  /** Undefined while the disk is full. Throws an EdgeError as `openPurgeWord` does for anything else. */
  open(): PurgeWord | undefined {
    this.#opened ??= this.#try()
    return this.#opened?.word
  }

  /** The word may not be used afterwards. */
  close(): void {
    this.#opened?.close()
    this.#opened = undefined
  }

  #try(): OpenPurgeWord | undefined {
    const { cacheDirectory, onFull, onReplaced, now = () => performance.now() } = this.#options
    const nowMs = now()
    const isFirst = this.#triedMs === undefined
    if (!isFirst && nowMs - this.#triedMs! < tryEveryMs) return undefined
    this.#triedMs = nowMs
    try {
      const opened = openPurgeWord(cacheDirectory)
      if (opened.replaced) onReplaced(opened.replaced)
      return opened
    } catch (error) {
      const { cause } = error as EdgeError
      if (!fullCodes.has((cause as NodeJS.ErrnoException | undefined)?.code ?? '')) throw error
      if (isFirst) onFull(error as EdgeError)
      return undefined
    }
  }
}
