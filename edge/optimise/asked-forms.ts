// The forms that a worker has asked the optimiser for: each once, bounded, and given up when all who wait for it have left.
import type { Store } from '../cache/store.js'
import { formKey } from './derive.js'
import { formOfWork, type Job, type Making } from './job.js'

/** What a client waits for. */
export interface Waiting {
  readonly made: Promise<void>
  /** It waits no more. */
  leave(): void
}

interface Asked {
  made: Promise<void>
  waiters: number
  controller: AbortController
}

export interface AskedFormsOptions {
  store: Store
  counters: { formsAsked: number; formsRefused: number }
  /** Without it nothing is asked for. */
  making: Making | undefined
}

/** More that is asked for at once by one worker is not asked for. */
const askedMax = 1_000
/** What could not be made is not asked for again for so long. */
const pauseMs = 5_000
/** The response was not to be found: another has come, or it is not committed yet. */
const outdatedPauseMs = 50

export class AskedForms {
  readonly #options: AskedFormsOptions
  readonly #asked = new Map<string, Asked>()
  /** Wall clock until which it is not asked for. */
  readonly #paused = new Map<string, number>()

  constructor(options: AskedFormsOptions) {
    this.#options = options
  }

  /** `key`: the same for the same job. A wait for who needs it; undefined when it cannot be had, or is not waited for. */
  ask(job: Job, key: string, nowMs: number, isNeeded: boolean): Waiting | undefined {
    const { counters } = this.#options
    const running = this.#asked.get(key)
    if (running !== undefined) return isNeeded ? this.#join(key, running) : undefined
    if ((this.#paused.get(key) ?? 0) > nowMs) return undefined
    if (this.#asked.size >= askedMax) {
      counters.formsRefused += 1
      return undefined
    }
    const asked = this.#begin(job, key)
    if (asked === undefined) return undefined
    counters.formsAsked += 1
    if (isNeeded) return this.#join(key, asked)
    // Nobody waits for it, and nobody's leaving ends it.
    asked.waiters += 1
    return undefined
  }

  #begin(job: Job, key: string): Asked | undefined {
    const { making } = this.#options
    if (making === undefined) return undefined
    const asked: Asked = { made: Promise.resolve(), waiters: 0, controller: new AbortController() }
    this.#asked.set(key, asked)
    asked.made = this.#have(job, key, asked, making)
    return asked
  }

  #join(key: string, asked: Asked): Waiting {
    asked.waiters += 1
    const leave = (): void => {
      asked.waiters -= 1
      if (asked.waiters > 0 || this.#asked.get(key) !== asked) return
      this.#asked.delete(key)
      asked.controller.abort()
    }
    return { made: asked.made, leave }
  }

  async #have(job: Job, key: string, asked: Asked, making: Making): Promise<void> {
    const outcome = await making.make(job, asked.controller.signal)
    if (this.#asked.get(key) === asked) this.#asked.delete(key)
    if (outcome === 'made' || outcome === 'useless') {
      this.#options.store.refresh?.([formKey(job.storedKey, formOfWork(job.work).name)])
      return
    }
    if (outcome === 'cancelled') return
    if (outcome === 'busy') this.#options.counters.formsRefused += 1
    if (this.#paused.size >= askedMax) this.#paused.clear()
    this.#paused.set(key, Date.now() + (outcome === 'outdated' ? outdatedPauseMs : pauseMs))
  }
}
