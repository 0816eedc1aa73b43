// The forms of stored responses, as a worker finds and makes them: what is stored is served, what is short is compressed at
// once, what is longer is asked for and the next best form served meanwhile. Which form is wanted is choose-form.ts's.
import type { OptimiseConfig } from '../../config/settings.js'
import { encodeEntry } from '../cache/encode-entry.js'
import { decodeEntry, EntryFlag, keepEntry, type ResponseEntry } from '../cache/entry.js'
import { recordOf } from '../cache/place-body.js'
import type { Store } from '../cache/store.js'
import type { Exchange } from '../exchange.js'
import { firstValue } from '../http/fields.js'
import { AskedForms, type Waiting } from './asked-forms.js'
import {
  dictionaryKey,
  draftOfForm,
  type Form,
  formKey,
  imageForm,
  isOf,
  isOfSameBody,
  refusingForm,
} from './derive.js'
import { InlineEncoder } from './inline.js'
import { type DeltaWork, formOfWork, type Job, kindOf, type Making, upgradeOf, type Work } from './job.js'
import { Saved } from './saved.js'
import { isShorter } from './shorter.js'

export interface FormCounters {
  formsInline: number
  formsAsked: number
  formsRefused: number
}

export interface FormMakerOptions {
  store: Store
  identity: string
  config: OptimiseConfig
  counters: FormCounters
  /** Without it only what is short is made. */
  making: Making | undefined
  /** A form could not be stored; never throws. */
  onFailure: (error: unknown, key: string) => void
}

export class FormMaker {
  readonly saved = new Saved()
  readonly #options: FormMakerOptions
  /** By key: made, and not to be found in the store for some milliseconds yet. */
  readonly #justMade = new Map<string, ResponseEntry>()
  readonly #asked: AskedForms
  readonly #inline: InlineEncoder

  constructor(options: FormMakerOptions) {
    this.#options = options
    this.#inline = new InlineEncoder(options.store, options.config)
    this.#asked = new AskedForms(options)
  }

  /**
   * The form for this client, or `parent` itself where that is the next best by now. With `isNeeded` a wait when it
   * can only be had later; then look again. `parent` is valid no longer than the store's view, and so is what is given.
   */
  formOf(x: Exchange, parent: ResponseEntry, work: Work, isNeeded = false): ResponseEntry | Waiting {
    const form = formOfWork(work)
    const key = formKey(x.storedKey, form.name)
    const kept = parent.isKept ? parent : keepEntry(parent)
    const found = this.#justMade.get(key) ?? this.#options.store.get(key, x.nowMs)
    if (found?.kind === 'response') {
      // A soft purge ends the freshness of a response, and leaves the rest of it.
      const isCurrent = isOf(found, kept) && found.freshUntilMs === kept.freshUntilMs
      if (isCurrent) return this.#useful(x, kept, found, work)
      if (isOfSameBody(found, kept))
        return named(this.#rebase(x, kept, found, { work, form, key }), work, kept)
    }
    return this.#makeNow(x, kept, work, form, key) ?? this.#ask(x, kept, work, key, isNeeded) ?? kept
  }

  #ask(x: Exchange, parent: ResponseEntry, work: Work, key: string, isNeeded: boolean): Waiting | undefined {
    const { storedAtMs, askedAtMs } = parent
    return this.#asked.ask(jobOf(x, x.storedKey, { storedAtMs, askedAtMs }, work), key, x.nowMs, isNeeded)
  }

  /** `entry`, a form, is served to this client with its body. */
  served(x: Exchange, { form, ofBytes, bodyBytes }: ResponseEntry): void {
    x.form ||= form
    this.saved.note(x.site!.name, form, ofBytes - bodyBytes)
  }

  /** What clients were told to keep is to be found by its hash. */
  learn(x: Exchange, times: Pick<ResponseEntry, 'askedAtMs' | 'storedAtMs'>): void {
    const key = `${formKey(x.key, 'dictionary')} ${times.askedAtMs}`
    this.#asked.ask(jobOf(x, x.key, times, { kind: 'dictionary', scope: x.keyPrefix }), key, x.nowMs, false)
  }

  /** The difference to what the client has, if that is known; undefined when it is not. */
  deltaTo(x: Exchange, hash: string): DeltaWork | undefined {
    const found = this.#options.store.get(dictionaryKey(x.keyPrefix, hash), x.nowMs)
    if (found?.kind !== 'response') return undefined
    const { askedAtMs, storedAtMs, body } = found
    return { kind: 'delta', hash, storedKey: body.toString('latin1'), askedAtMs, storedAtMs, effort: 'fast' }
  }

  #useful(x: Exchange, parent: ResponseEntry, found: ResponseEntry, work: Work): ResponseEntry {
    if ((found.flags & EntryFlag.useless) !== 0) return parent
    named(found, work, parent)
    if ((found.flags & EntryFlag.smallest) !== 0) return found
    found.uses += 1
    if (found.uses !== this.#options.config.upgradeAfter || found.status !== parent.status) return found
    const best = upgradeOf(work)
    const name = formOfWork(work).name
    if (best !== undefined) this.#ask(x, parent, best, `${formKey(x.storedKey, name)} best`, false)
    return found
  }

  /** The head of the response was replaced, its body not: the same is true of the form. */
  #rebase(
    x: Exchange,
    parent: ResponseEntry,
    found: ResponseEntry,
    { work, form, key }: { work: Work; form: Form; key: string },
  ): ResponseEntry {
    const flags = found.flags & (EntryFlag.useless | EntryFlag.smallest)
    const { content } = keepEntry(found)
    const again = { ...likeBefore(form, work, found), flags }
    const entry = this.#keep(key, encodeEntry(draftOfForm(parent, again, content, this.#told(x))))
    return (flags & EntryFlag.useless) !== 0 ? parent : entry
  }

  #told(x: Exchange) {
    return { identity: this.#options.identity, hidden: x.site!.rules.hidden }
  }

  /** Puts a record into the store, and has it here until others see it there. */
  #keep(key: string, record: Buffer): ResponseEntry {
    const { store, onFailure } = this.#options
    const entry = decodeEntry(record) as ResponseEntry
    entry.isKept = true
    this.#justMade.set(key, entry)
    store
      .put(key, record)
      .catch((error: unknown) => onFailure(error, key))
      .finally(() => this.#forget(key, entry))
    return entry
  }

  #forget(key: string, entry: ResponseEntry): void {
    if (this.#justMade.get(key) === entry) this.#justMade.delete(key)
  }

  /** What is short enough, and at hand, as long as there is time for such; else undefined. */
  #makeNow(
    x: Exchange,
    parent: ResponseEntry,
    work: Work,
    form: Form,
    key: string,
  ): ResponseEntry | undefined {
    const coded = work.kind === 'encode' ? this.#inline.encode(work.coding, parent, x.nowMs) : undefined
    if (coded === undefined) return undefined
    this.#options.counters.formsInline += 1
    const isWorthIt = isShorter(coded.length, parent.bodyBytes)
    const made = isWorthIt ? form : { ...form, flags: EntryFlag.useless }
    const draft = draftOfForm(parent, made, isWorthIt ? coded : nothing, this.#told(x))
    const entry = decodeEntry(encodeEntry(draft)) as ResponseEntry
    entry.isKept = true
    void this.#store(key, entry, draft)
    return isWorthIt ? named(entry, work, parent) : parent
  }

  async #store(key: string, entry: ResponseEntry, draft: ReturnType<typeof draftOfForm>): Promise<void> {
    const { store, onFailure } = this.#options
    this.#justMade.set(key, entry)
    try {
      await store.put(key, await recordOf(store, draft))
    } catch (error) {
      onFailure(error, key)
    }
    this.#forget(key, entry)
  }
}

const nothing = Buffer.alloc(0)

/** For what is counted of it. */
function named(entry: ResponseEntry, work: Work, parent: ResponseEntry): ResponseEntry {
  if (entry === parent) return entry
  entry.form = kindOf(work)
  entry.ofBytes = parent.bodyBytes
  return entry
}

/** What only the making of it could tell: in what it is, or that it cannot be had. */
function likeBefore(form: Form, work: Work, { status, received }: ResponseEntry): Form {
  if (work.kind !== 'image') return form
  return status === 200 ? imageForm(work, firstValue(received, 'content-type')) : refusingForm(form, status)
}

function jobOf(
  { site }: Exchange,
  storedKey: string,
  times: Pick<Job, 'askedAtMs' | 'storedAtMs'>,
  work: Work,
): Job {
  const { name, rules, config } = site!
  return {
    storedKey,
    ...times,
    site: name,
    work,
    hidden: [...rules.hidden],
    imageBounds: config.optimise.image,
  }
}
