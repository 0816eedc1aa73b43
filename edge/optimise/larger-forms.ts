// Which images were made of a large original, so that a smaller one is made of one of these and not of the original: of a
// 12-megapixel PNG that takes an eighth of the time. Remembered in memory only: what is forgotten costs time, nothing else.
import type { ImageWork } from './image-request.js'
import { formOfWork, type Job } from './job.js'

/** Of a smaller original there is little to save. */
export const originalBytesMin = 1024 * 1024
/** Made at least so much larger than what is to be made of it, nobody sees what was lost. */
const largerTimes = 2
/** Responses that are remembered, and forms of each. */
const responsesMax = 1_000
const formsMax = 16

interface Larger {
  readonly width: number
  readonly name: string
}

export class LargerForms {
  readonly #known = new Map<string, Larger[]>()

  /** It was made, in this type. */
  note(job: Job, work: ImageWork, type: string): void {
    // To read AVIF takes longer than to read a large JPEG at a part of its size.
    if (!isPlain(work) || type === 'image/avif') return
    const key = keyOf(job)
    const known = this.#known.get(key) ?? []
    this.#known.delete(key)
    this.#known.set(key, [...known, { width: work.width, name: formOfWork(work).name }].slice(-formsMax))
    if (this.#known.size > responsesMax) this.#known.delete(this.#known.keys().next().value!)
  }

  /** The name of the smallest that is large enough. */
  find(job: Job, work: ImageWork): string | undefined {
    if (!isPlain(work)) return undefined
    const fit = (this.#known.get(keyOf(job)) ?? []).filter(({ width }) => width >= work.width * largerTimes)
    return fit.sort((one, other) => one.width - other.width)[0]?.name
  }
}

/** All of the image, by its width. */
function isPlain(work: ImageWork): work is ImageWork & { width: number } {
  return work.fit === 'inside' && work.width !== undefined && work.height === undefined
}

function keyOf({ storedKey, askedAtMs, storedAtMs }: Job): string {
  return `${storedKey} ${askedAtMs} ${storedAtMs}`
}
