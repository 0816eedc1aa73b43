// Answers that their client gets when they are whole: one that is so short that it is compressed at once, in the form that the
// next ones will get, and one in a coding that the client does not take. All others stream as they come (begin.ts).
import { type Beginning, saidOf } from './begin.js'
import { makeEntry } from './cache/admit.js'
import { type Answer, describe, promisedBytes } from './cache/answer.js'
import type { ResponseEntry } from './cache/entry.js'
import { variantOf } from './cache/identify.js'
import { wantedWork } from './choose-form.js'
import { deliver } from './deliver.js'
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import { broughtMeanwhile, lookAgain } from './look-again.js'

export interface WholeAnswer {
  /** Owned by this from now on. */
  add(chunk: Buffer): void
  /** Nothing follows. */
  deliver(): void
  /** It is in the store, or could not be stored. */
  stored(): void
  /** Told of it once it is whole. */
  onMade: ((entry: ResponseEntry) => void) | undefined
}

/** Undefined when this answer, which is being stored, is to stream. */
export function wholeAnswer(
  edge: Edge,
  x: Exchange,
  answer: Answer,
  beginning: Beginning,
): WholeAnswer | undefined {
  if (answer.forms === undefined || x.method !== 'GET' || (x.marks & Mark.range) !== 0) return undefined
  const { flags, varyNames } = describe(answer)
  const bodyBytes = promisedBytes(answer.fields)
  const work = wantedWork(x, { flags, bodyBytes: bodyBytes ?? 0, received: answer.fields })
  if (work === undefined) return undefined
  if (work.kind !== 'encode') return new StoredAnswer(edge, x, saidOf(edge, x, answer, beginning))
  const isShort = bodyBytes !== undefined && bodyBytes <= edge.config.optimise.inlineBytesMax
  // Among several of one URL its place is not known yet.
  if (!isShort || variantOf(varyNames, x) !== '') return undefined
  return new ShortAnswer(edge, x, answer, saidOf(edge, x, answer, beginning))
}

class ShortAnswer implements WholeAnswer {
  readonly #chunks: Buffer[] = []
  onMade: ((entry: ResponseEntry) => void) | undefined

  constructor(
    private readonly edge: Edge,
    private readonly x: Exchange,
    private readonly answer: Answer,
    private readonly said: string,
  ) {}

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  deliver(): void {
    const { edge, x, answer, said } = this
    const entry = makeEntry(answer, Buffer.concat(this.#chunks), edge.config.cdnId)
    entry.isKept = true
    if (x.responder.state === 'open') {
      x.responder.onEnd = undefined
      // Where it is being stored: with it goes its form.
      x.storedKey = x.key
      deliver(edge, x, entry, said)
    }
    this.onMade?.(entry)
  }

  stored(): void {}
}

/** What is to be decoded is read out of the store, like all that is. */
class StoredAnswer implements WholeAnswer {
  onMade: undefined

  constructor(
    private readonly edge: Edge,
    private readonly x: Exchange,
    private readonly said: string,
  ) {}

  add(): void {}
  deliver(): void {}

  stored(): void {
    const { edge, x, said } = this
    if (x.responder.state !== 'open') return
    x.responder.onEnd = undefined
    const entry = broughtMeanwhile(lookAgain(edge, x))
    if (entry !== undefined) return deliver(edge, x, entry, said)
    // It could not be stored, or is not to be used: then as the origin sends it.
    edge.askAlone(edge, x)
  }
}
