// Stores answers: puts a whole one under the right key, or rewrites the head of what is stored after a 304. Collecting
// a body as it comes is fill.ts's. An answer that cannot be stored never fails its request.
import type { Exchange } from '../exchange.js'
import type { Fields } from '../http/fields.js'
import { storedBlock } from '../respond/assemble.js'
import { type Answer, type AnsweredRequest, describe, weigh } from './answer.js'
import {
  type Content,
  decodeEntry,
  type Entry,
  type EntryDraft,
  EntryFlag,
  encodeEntry,
  type ResponseEntry,
} from './entry.js'
import { Fill, type FillBudget } from './fill.js'
import { memoryBytesMax } from './fill-bytes.js'
import { variantOf } from './identify.js'
import type { Invalidations } from './invalidations.js'
import { keepVariant } from './keep-variant.js'
import { latestEntry, removeEntry } from './latest.js'
import { isOutdatedAnswer } from './outdated.js'
import { recordOf } from './place-body.js'
import type { Purges } from './purges/purges.js'
import type { SiteQuotas } from './site-quotas.js'
import type { Store } from './store.js'
import { toldFields } from './told.js'

export interface Admission {
  store: Store
  fills: FillBudget
  /** What was invalidated lately: an answer that was asked for before is not stored. */
  invalidations: Invalidations
  purges: Purges
  /** Where a site has a ceiling. */
  quotas?: SiteQuotas | undefined
  objectBytesMax: number
  identity: string
  /** Told how many variants left for a new one of their URL (`sites[].cache.variantsMax`). */
  onVariantsLeft: (count: number, key: string) => void
  /** Told of every answer that could not be stored; never throws. */
  onFailure: (error: unknown, key: string) => void
  /** Told of what clients were told to keep as a dictionary, once it is stored under the key of its URL. */
  onDictionary?: ((x: Exchange, stored: Pick<EntryDraft, 'askedAtMs' | 'storedAtMs'>) => void) | undefined
}

/** More about what may be stored. */
export interface Admitting {
  onTooLarge: (() => void) | undefined
  /** Others wait for it already. */
  isAwaited: boolean
}

/** Why something new is not stored, in a word. What was stored before has shown its worth, and takes its own place. */
function refusalOf(
  admission: Admission,
  { key, storedKey, site }: Exchange,
  isAwaited: boolean,
): string | undefined {
  if (storedKey !== '' || site === undefined) return undefined
  const { bytesMax, admitAfter } = site.config.cache
  if (bytesMax !== undefined && admission.quotas?.isFull(site.name, bytesMax)) return 'site-full'
  // What is asked for once is not worth what would have to leave for it.
  const isWorthIt = admission.store.admits?.(key, admitAfter) !== false || isAwaited
  return isWorthIt ? undefined : 'admission'
}

/** A fill for this answer, or undefined when it is not to be stored; `promised` is its length if known. */
export function admit(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  promised: number | undefined,
  { onTooLarge, isAwaited }: Partial<Admitting> = {},
): Fill | undefined {
  const { fills: budget, objectBytesMax: bodyBytesMax } = admission
  const { bodies } = admission.store
  if (!answer.verdict.store || (promised ?? 0) > bodyBytesMax) return undefined
  const refused = refusalOf(admission, x, isAwaited === true)
  if (refused !== undefined) {
    x.detail = refused
    return undefined
  }
  // Longer ones go to a segment as they come.
  const memoryBytes = bodies === undefined ? (promised ?? 0) : Math.min(promised ?? 0, memoryBytesMax)
  if (budget.used + memoryBytes > budget.max) return undefined
  return new Fill({
    budget,
    bodyBytesMax,
    bodies,
    promised,
    onTooLarge,
    keep: content => {
      admission.quotas?.add(x.site?.name ?? '', content)
      return keep(admission, x, answer, content)
    },
    onFailure: error => admission.onFailure(error, x.key),
  })
}

/** Everything about a complete answer that a hit needs, worked out. */
function draftOf(answer: Answer, content: Content, identity: string): EntryDraft {
  const told = describe(answer)
  const { block, notModifiedBytes } = storedBlock(
    toldFields(told.received, answer),
    answer.freshness,
    identity,
    answer.hidden,
    answer.receivedMs,
  )
  // Of one shape, as what is put together by spreading is looked up anew at each use.
  return {
    status: told.status,
    flags: told.flags,
    bornAtMs: told.bornAtMs,
    freshUntilMs: told.freshUntilMs,
    storedAtMs: told.storedAtMs,
    askedAtMs: told.askedAtMs,
    fence: told.fence,
    etag: told.etag,
    lastModified: told.lastModified,
    varyNames: told.varyNames,
    received: told.received,
    groups: told.groups,
    tags: told.tags,
    block,
    notModifiedBytes,
    content,
  }
}

export function makeRecord(answer: Answer, content: Content, identity: string): Buffer {
  return encodeEntry(draftOf(answer, content, identity))
}

/** The same, as what a hit would read. */
export function makeEntry(answer: Answer, content: Content, identity: string): ResponseEntry {
  const entry = decodeEntry(makeRecord(answer, content, identity))
  if (entry?.kind !== 'response') throw new Error('a record just made cannot be read')
  return entry
}

/** Stores a complete answer under the key it belongs to; never rejects. */
export async function keep(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  content: Content,
): Promise<void> {
  try {
    const draft = draftOf(answer, content, admission.identity)
    // Before the store is asked for anything: the content may be a view of its own.
    const record = await recordOf(admission.store, draft)
    await keepRecord(admission, x, answer, { record, varyNames: draft.varyNames })
    // Among several of one URL none is what all clients have.
    const isDictionary = (draft.flags & EntryFlag.dictionary) !== 0 && variantOf(draft.varyNames, x) === ''
    if (isDictionary) admission.onDictionary?.(x, draft)
  } catch (error) {
    admission.onFailure(error, x.key)
  }
}

async function keepRecord(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  { record, varyNames }: { record: Uint8Array; varyNames: readonly string[] },
): Promise<void> {
  // RFC 9111 4.4: what was asked for before is not put back.
  if (isOutdatedAnswer(admission, x, answer, Date.now())) return
  if (isOlder(latestEntry(admission.store, x.key), answer)) return
  const left = await keepVariant(admission.store, x, varyNames, record, answer.receivedMs)
  if (left > 0) admission.onVariantsLeft(left, x.key)
  // A purge that came while it was committed may have passed by before it was there.
  if (isOutdatedAnswer(admission, x, answer, Date.now())) await removeEntry(admission.store, x.key)
}

/** RFC 9111 4: the most recent response counts, and this one was asked for before what is stored by now. */
function isOlder(current: Entry | undefined, { askedAtMs, receivedMs }: Answer): boolean {
  if (current?.kind !== 'response') return false
  // One from the future is of a clock that was set back.
  return current.askedAtMs > askedAtMs && current.askedAtMs <= Math.max(receivedMs, Date.now())
}

/** Takes what is stored for this URL out of use; never rejects. */
export async function forget(admission: Admission, key: string): Promise<void> {
  try {
    await removeEntry(admission.store, key)
  } catch (error) {
    admission.onFailure(error, key)
  }
}

/** What an answer to this request means, which was asked at `asked`. */
export function weighFor(
  x: Exchange,
  asked: { sentMs: number; fence: number },
  status: number,
  fields: Fields,
): Answer {
  return weigh(status, fields, new Answered(x, asked), Date.now(), x.site!.rules)
}

/** Its fields are read only if they matter. */
class Answered implements AnsweredRequest {
  readonly sentMs: number
  readonly fence: number
  readonly isOrdinary: boolean
  readonly #x: Exchange

  constructor(x: Exchange, { sentMs, fence }: { sentMs: number; fence: number }) {
    this.#x = x
    this.sentMs = sentMs
    this.fence = fence
    this.isOrdinary = x.ordinaryLines?.() !== undefined
  }

  get scheme(): Exchange['scheme'] {
    return this.#x.scheme
  }

  get method(): string {
    return this.#x.method
  }

  get target(): string {
    return this.#x.target
  }

  get authority(): string {
    return this.#x.authority
  }

  get fields(): Fields {
    return this.#x.fields
  }
}
