// Makes forms for all workers of a host: takes jobs, has each made once however many ask, in the threads of a pool, and
// puts what comes of it into the store. The process around it is obey.ts's.
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { OptimiseConfig } from '../../config/settings.js'
import { EntryFlag, keepEntry, type ResponseEntry } from '../cache/entry.js'
import { recordOf } from '../cache/place-body.js'
import type { Store } from '../cache/store.js'
import { dictionaryKey, draftOfForm, type Form, formKey, imageForm, isOf, refusingForm } from './derive.js'
import { idleWord } from './idle-word.js'
import {
  type DeltaWork,
  formOfWork,
  isUpgrade,
  type Job,
  type Making,
  type Outcome,
  type Work,
} from './job.js'
import { LargerForms, originalBytesMin } from './larger-forms.js'
import { JobQueue, type Waiting } from './queue.js'
import { isShorter } from './shorter.js'
import type { Made, Task as PoolTask } from './work.js'
import { type Totals, WorkshopCounts } from './workshop-counts.js'

export interface WorkshopOptions {
  store: Store
  config: OptimiseConfig
  identity: string
  /** The module whose default export is work.ts's. */
  workFile: string
  /** Its threads work only when nobody else wants the core. */
  isIdle: boolean
  /** A job that should not have failed did; never throws. */
  onTrouble: (error: unknown, job: Job) => void
}

const nothing = Buffer.alloc(0)

/** One job, for all who asked for it. */
interface Task {
  askers: number
  waiting: Waiting | undefined
  settle: (outcome: Outcome) => void
  outcome: Promise<Outcome>
}

export class Workshop implements Making {
  readonly #options: WorkshopOptions
  readonly #threads: number
  readonly #pool: Piscina<PoolTask, Made>
  readonly #queue: JobQueue
  readonly #counts = new WorkshopCounts()
  readonly #larger = new LargerForms()
  /** By what they make: those that wait or run. */
  readonly #tasks = new Map<string, Task>()
  #running = 0
  #isClosed = false

  constructor(options: WorkshopOptions) {
    const { threads } = options.config
    this.#options = options
    this.#threads = threads === 'auto' ? Math.max(1, availableParallelism() - 1) : threads
    this.#queue = new JobQueue(options.config)
    this.#pool = new Piscina({
      filename: options.workFile,
      minThreads: 0,
      maxThreads: this.#threads,
      argv: options.isIdle ? [idleWord] : [],
      idleTimeout: 10_000,
      // Work comes one job per thread at a time, from our own queue.
      maxQueue: this.#threads,
    })
  }

  make(job: Job, signal?: AbortSignal): Promise<Outcome> {
    const name = `${formKey(job.storedKey, formOfWork(job.work).name)} ${isUpgrade(job.work)} ${job.askedAtMs}`
    const task = this.#tasks.get(name) ?? this.#begin(name, job)
    task.askers += 1
    signal?.addEventListener('abort', () => this.#leave(task), { once: true })
    this.#goOn()
    return task.outcome
  }

  #begin(name: string, job: Job): Task {
    const task: Task = { askers: 0, waiting: undefined, settle: () => {}, outcome: Promise.resolve('busy') }
    const settled = new Promise<Outcome>(resolve => {
      task.settle = resolve
    })
    task.outcome = settled.then(outcome => {
      this.#tasks.delete(name)
      this.#counts.note(job.work, outcome)
      return outcome
    })
    const run = (): void => void this.#run(job).then(task.settle)
    task.waiting = { job, isUpgrade: isUpgrade(job.work), run }
    if (this.#isClosed || !this.#queue.add(task.waiting)) task.settle('busy')
    this.#tasks.set(name, task)
    return task
  }

  /** Nobody waits for it any more: it leaves the queue. What is being made is worth having for the next. */
  #leave(task: Task): void {
    task.askers -= 1
    if (task.askers === 0 && this.#queue.remove(task.waiting!)) task.settle('cancelled')
  }

  totals(): Totals {
    return { ...this.#counts.totals(), queued: this.#queue.length, running: this.#running }
  }

  /** What runs is ended; what waits is told `busy`. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#pool.destroy()
  }

  #goOn(): void {
    while (this.#running < this.#threads) {
      const next = this.#queue.next(this.#running === 0)
      if (next === undefined) return
      this.#running += 1
      next.run()
    }
  }

  async #run(job: Job): Promise<Outcome> {
    try {
      return await this.#make(job)
    } catch (error) {
      if (!this.#isClosed) this.#options.onTrouble(error, job)
      return 'failed'
    } finally {
      this.#running -= 1
      this.#goOn()
    }
  }

  async #make(job: Job): Promise<Outcome> {
    const parent = this.#find(job)
    const body = parent && (await this.#source(job, parent))
    if (parent === undefined || body === undefined) return 'outdated'
    const { work } = job
    const dictionary = work.kind === 'delta' ? await this.#dictionary(work) : undefined
    if (work.kind === 'delta' && dictionary === undefined) return 'outdated'
    const made = await this.#inPool(job, body, dictionary)
    // A thread may have been at it for long.
    if (this.#find(job) === undefined) return 'outdated'
    const isGood = 'body' in made && isWorthIt(job.work, made.body.length, parent.bodyBytes)
    // Of a better one that is none the first stays.
    if (isGood || !isUpgrade(job.work)) await this.#store(job, parent, made, isGood)
    return isGood ? 'made' : 'useless'
  }

  /** What it is made of: the response, or an image that was made of it and is large enough. */
  async #source(job: Job, parent: ResponseEntry): Promise<Uint8Array | undefined> {
    const { work } = job
    const name =
      work.kind === 'image' && parent.bodyBytes >= originalBytesMin ? this.#larger.find(job, work) : undefined
    const larger = name === undefined ? undefined : this.#options.store.get(formKey(job.storedKey, name))
    const isThere = larger?.kind === 'response' && isOf(larger, parent) && larger.status === parent.status
    return (isThere ? await this.#read(keepEntry(larger)) : undefined) ?? this.#read(parent)
  }

  async #dictionary(work: DeltaWork): Promise<Uint8Array | undefined> {
    const found = this.#find(work)
    return found && this.#read(found)
  }

  #find({ storedKey, storedAtMs, askedAtMs }: Stored): ResponseEntry | undefined {
    const { store } = this.#options
    store.refresh?.([storedKey])
    const found = store.get(storedKey)
    if (found?.kind !== 'response' || !isOf({ storedAtMs, askedAtMs }, found)) return undefined
    return found.slices === undefined ? keepEntry(found) : undefined
  }

  /** A copy, for the thread alone. */
  async #read({ body, place }: ResponseEntry): Promise<Uint8Array | undefined> {
    if (place === undefined) return new Uint8Array(body)
    const { bodies } = this.#options.store
    const into = Buffer.allocUnsafeSlow(place.bytes)
    for (let at = 0; at < place.bytes; ) {
      const bytes = await bodies?.segments.readLater(place, at, into.subarray(at))
      if (bytes === undefined || bytes === 0) return undefined
      at += bytes
    }
    return into
  }

  async #inPool(
    { work, imageBounds }: Job,
    body: Uint8Array,
    dictionary: Uint8Array | undefined,
  ): Promise<Made> {
    const { jobMs, decodedBytesMax } = this.#options.config
    const startedMs = performance.now()
    try {
      const task = { work, body, dictionary, decodedBytesMax, imageBounds }
      // What takes longer is ended with its thread.
      const options = { signal: AbortSignal.timeout(jobMs), transferList: [body.buffer as ArrayBuffer] }
      return await this.#pool.run(task, options)
    } finally {
      this.#counts.took(work, performance.now() - startedMs)
    }
  }

  async #store(job: Job, parent: ResponseEntry, made: Made, isGood: boolean): Promise<void> {
    const { store, identity } = this.#options
    const told = { identity, hidden: new Set(job.hidden) }
    if (job.work.kind === 'dictionary') return this.#note(job, job.work.scope, parent, made)
    const { work } = job
    if (isGood && work.kind === 'image') this.#larger.note(job, work, (made as { type: string }).type)
    const { form, body } = isGood ? goodForm(job.work, made) : badForm(job.work, made)
    const draft = draftOfForm(parent, form, body, told)
    await store.put(formKey(job.storedKey, form.name), await recordOf(store, draft))
  }

  /** The hash of a dictionary leads to the key that it is stored under. */
  async #note(job: Job, scope: string, parent: ResponseEntry, made: Made): Promise<void> {
    const { store, identity } = this.#options
    const hash = Buffer.from((made as { body: Uint8Array }).body).toString('hex')
    const told = { identity, hidden: new Set<string>() }
    const draft = draftOfForm(parent, formOfWork(job.work), Buffer.from(job.storedKey, 'latin1'), told)
    await store.put(dictionaryKey(scope, hash), await recordOf(store, draft))
  }
}

/** Where something is stored, and when: no other is meant. */
type Stored = Pick<Job, 'storedKey' | 'storedAtMs' | 'askedAtMs'>

function goodForm(work: Work, made: Made): { form: Form; body: Uint8Array } {
  const { body, type } = made as Extract<Made, { body: Uint8Array }>
  const form = work.kind === 'image' ? imageForm(work, type) : formOfWork(work)
  return { form: { ...form, flags: isUpgrade(work) ? EntryFlag.smallest : 0 }, body }
}

/** What there is in place of a form that cannot be had: for codings the response as it is. */
function badForm(work: Work, made: Made): { form: Form; body: Uint8Array } {
  const form = formOfWork(work)
  const { status, reason } = made as Partial<Extract<Made, { reason: string }>>
  if (work.kind !== 'image') return { form: { ...form, flags: EntryFlag.useless }, body: nothing }
  return { form: refusingForm(form, status ?? 422), body: Buffer.from(`${status ?? 422} image: ${reason}\n`) }
}

function isWorthIt({ kind }: Work, bytes: number, of: number): boolean {
  return (kind !== 'encode' && kind !== 'delta') || isShorter(bytes, of)
}
