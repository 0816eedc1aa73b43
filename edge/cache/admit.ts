// Stores answers: collects a body as it passes and puts the whole under the right key, or rewrites the head of what is
// stored after a 304. An answer that cannot be stored never fails its request.
import type { Exchange } from '../exchange.js'
import { storedBlock } from '../respond/assemble.js'
import { type Answer, describe } from './answer.js'
import { encodeEntry } from './entry.js'
import { keepVariant } from './keep-variant.js'
import type { Store } from './store.js'

/** Bytes of answers being collected or waiting to be committed in this worker (`cache.fillBytesMax`). */
export interface FillBudget {
  used: number
  readonly max: number
}

export interface Admission {
  store: Store
  fills: FillBudget
  objectBytesMax: number
  identity: string
  /** Told of every answer that could not be stored; never throws. */
  onFailure: (error: unknown, key: string) => void
}

/** Chunks up to this size are joined by so many: kept apart, each would take memory far beyond its bytes. */
const smallBytesMax = 1_024
const smallChunksMax = 256

/** One body on its way into the store. */
export class Fill {
  readonly #admission: Admission
  readonly #x: Exchange
  readonly #answer: Answer
  #chunks: Buffer[] = []
  /** The last ones, all small. */
  #small: Buffer[] = []
  #bytes = 0
  #open = true

  constructor(admission: Admission, x: Exchange, answer: Answer) {
    this.#admission = admission
    this.#x = x
    this.#answer = answer
  }

  /** False once the body is known to be too large, or there is no room: it is then only passed through. */
  get isOpen(): boolean {
    return this.#open
  }

  add(chunk: Buffer): void {
    if (!this.#open) return
    const { fills, objectBytesMax } = this.#admission
    if (this.#bytes + chunk.length > objectBytesMax || fills.used + chunk.length > fills.max)
      return this.discard()
    this.#hold(chunk)
    this.#bytes += chunk.length
    fills.used += chunk.length
  }

  /** The body is complete: store it. Resolves when others see it; failures are reported, not thrown. */
  async complete(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#join()
    const body = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
    this.#chunks = []
    try {
      await keep(this.#admission, this.#x, this.#answer, body)
    } finally {
      this.#admission.fills.used -= this.#bytes
    }
  }

  discard(): void {
    if (!this.#open) return
    this.#open = false
    this.#chunks = []
    this.#small = []
    this.#admission.fills.used -= this.#bytes
  }

  #hold(chunk: Buffer): void {
    const isSmall = chunk.length <= smallBytesMax
    if (isSmall) this.#small.push(chunk)
    if (!isSmall || this.#small.length >= smallChunksMax) this.#join()
    if (!isSmall) this.#chunks.push(chunk)
  }

  #join(): void {
    if (this.#small.length > 0) this.#chunks.push(Buffer.concat(this.#small))
    this.#small = []
  }
}

/** A fill for this answer, or undefined when it is not to be stored; `promised` is its length if known. */
export function admit(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  promised: number | undefined,
): Fill | undefined {
  const { fills, objectBytesMax } = admission
  if (!answer.verdict.store || (promised ?? 0) > objectBytesMax) return undefined
  return fills.used + (promised ?? 0) > fills.max ? undefined : new Fill(admission, x, answer)
}

/** Everything about a complete answer that a hit needs, worked out. */
export function makeRecord(answer: Answer, body: Uint8Array, identity: string): Buffer {
  const description = describe(answer)
  const head = storedBlock(description.received, answer.freshness, identity, answer.hidden)
  return encodeEntry({ ...description, ...head, body })
}

/** Stores a complete answer under the key it belongs to; never rejects. */
export async function keep(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  body: Uint8Array,
): Promise<void> {
  const { varyNames } = describe(answer)
  const record = makeRecord(answer, body, admission.identity)
  try {
    if (varyNames.length === 0) await admission.store.put(x.key, record)
    else await keepVariant(admission.store, x, varyNames, record, answer.receivedMs)
  } catch (error) {
    admission.onFailure(error, x.key)
  }
}

/** Takes what is stored for this URL out of use; never rejects. */
export async function forget(admission: Admission, key: string): Promise<void> {
  try {
    await admission.store.remove(key)
  } catch (error) {
    admission.onFailure(error, key)
  }
}
