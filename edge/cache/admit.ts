// Stores answers: puts a whole one under the right key, or rewrites the head of what is stored after a 304. Collecting
// a body as it comes is fill.ts's. An answer that cannot be stored never fails its request.
import type { Exchange } from '../exchange.js'
import { storedBlock } from '../respond/assemble.js'
import { type Answer, describe } from './answer.js'
import { decodeEntry, type Entry, encodeEntry, type ResponseEntry } from './entry.js'
import { Fill, type FillBudget } from './fill.js'
import type { Invalidations } from './invalidations.js'
import { keepVariant } from './keep-variant.js'
import { latestEntry, removeEntry } from './latest.js'
import { isOutdatedAnswer } from './outdated.js'
import type { Store } from './store.js'

export interface Admission {
  store: Store
  fills: FillBudget
  /** What was invalidated lately: an answer that was asked for before is not stored. */
  invalidations: Invalidations
  objectBytesMax: number
  identity: string
  /** Told how many variants left for a new one of their URL (`sites[].cache.variantsMax`). */
  onVariantsLeft: (count: number, key: string) => void
  /** Told of every answer that could not be stored; never throws. */
  onFailure: (error: unknown, key: string) => void
}

/** A fill for this answer, or undefined when it is not to be stored; `promised` is its length if known. */
export function admit(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  promised: number | undefined,
  onTooLarge?: () => void,
): Fill | undefined {
  const { fills: budget, objectBytesMax: bodyBytesMax } = admission
  if (!answer.verdict.store || (promised ?? 0) > bodyBytesMax) return undefined
  if (budget.used + (promised ?? 0) > budget.max) return undefined
  return new Fill({
    budget,
    bodyBytesMax,
    promised,
    onTooLarge,
    keep: body => keep(admission, x, answer, body),
  })
}

/** Everything about a complete answer that a hit needs, worked out. */
export function makeRecord(answer: Answer, body: Uint8Array, identity: string): Buffer {
  const description = describe(answer)
  const head = storedBlock(description.received, answer.freshness, identity, answer.hidden, answer.receivedMs)
  return encodeEntry({ ...description, ...head, body })
}

/** The same, as what a hit would read. */
export function makeEntry(answer: Answer, body: Uint8Array, identity: string): ResponseEntry {
  const entry = decodeEntry(makeRecord(answer, body, identity))
  if (entry?.kind !== 'response') throw new Error('a record just made cannot be read')
  return entry
}

/** Stores a complete answer under the key it belongs to; never rejects. */
export async function keep(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  body: Uint8Array,
): Promise<void> {
  // RFC 9111 4.4: what was asked for before is not put back.
  if (isOutdatedAnswer(admission, x, answer, Date.now())) return
  if (isOlder(latestEntry(admission.store, x.key), answer)) return
  const { varyNames } = describe(answer)
  const record = makeRecord(answer, body, admission.identity)
  try {
    const left = await keepVariant(admission.store, x, varyNames, record, answer.receivedMs)
    if (left > 0) admission.onVariantsLeft(left, x.key)
  } catch (error) {
    admission.onFailure(error, x.key)
  }
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
