// Which sites have as much in the cache as they may: by the keeper's last count, and what came since, of which this worker
// knows its own part and takes the others to bring as much.
import type { StoreLog } from './commit.js'
import type { Content } from './entry.js'
import { readSiteBytes, type SiteBytes } from './site-bytes.js'

const readEveryMs = 2_000
/** Of what is stored with a body, about. */
const headBytes = 500

export interface SiteQuotasOptions {
  cacheDirectory: string
  workers: number
  log: StoreLog
}

export class SiteQuotas {
  readonly #options: SiteQuotasOptions
  #counted: SiteBytes = {}
  /** What this worker has admitted since that was counted. */
  readonly #admitted = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined

  constructor(options: SiteQuotasOptions) {
    this.#options = options
  }

  /** Never rejects: what was known goes on to count. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** Whether the site has its `bytesMax`. The first who asks has the count read now and again. */
  isFull(site: string, bytesMax: number): boolean {
    this.#timer ??= setInterval(() => void this.read(), readEveryMs).unref()
    const since = (this.#admitted.get(site) ?? 0) * this.#options.workers
    return (this.#counted[site] ?? 0) + since >= bytesMax
  }

  /** What is stored of the site from now on. */
  add(site: string, content: Content): void {
    this.#admitted.set(site, (this.#admitted.get(site) ?? 0) + headBytes + bytesOf(content))
  }

  async #read(): Promise<void> {
    const { cacheDirectory, log } = this.#options
    try {
      const counted = await readSiteBytes(cacheDirectory)
      if (counted === undefined || isSame(counted, this.#counted)) return
      this.#counted = counted
      this.#admitted.clear()
    } catch (error) {
      log('warn', 'how much each site stores could not be read', { error })
    }
  }
}

/** A block counts for itself, so the whole that it is of does not. */
function bytesOf(content: Content): number {
  if (content instanceof Uint8Array) return content.length
  return 'segment' in content ? content.bytes : 0
}

/** The same count is read many times: it says nothing of what was admitted since. */
function isSame(one: SiteBytes, other: SiteBytes): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every(name => one[name] === other[name])
}
