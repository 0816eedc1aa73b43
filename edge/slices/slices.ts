// What a worker knows of objects in blocks: which blocks are on their way to it, and of which URLs parts are of no use.
import { forget } from '../cache/admit.js'
import { partKey } from '../cache/slices.js'
import { KnownKeys } from '../fetch/known-keys.js'
import { ComingBlock } from './coming-block.js'
import { keyOfBlock, type SlicedObject } from './object.js'

export class Slices {
  readonly #coming = new Map<string, ComingBlock>()
  readonly #useless = new KnownKeys()

  /** The block on its way, asked for now if it is not. */
  fetch(object: SlicedObject, index: number): ComingBlock {
    const key = keyOfBlock(object, index)
    const coming = this.#coming.get(key)
    // One that is not stored is not for who comes later.
    if (coming !== undefined && coming.body?.isReadable !== false) return coming
    followSite(object)
    const block = this.expect(object, index)
    block.start()
    return block
  }

  /** A block whose answer has come: `adopt` is to be called on it. */
  expect(object: SlicedObject, index: number): ComingBlock {
    const key = keyOfBlock(object, index)
    const block: ComingBlock = new ComingBlock(object, index, () => {
      if (this.#coming.get(key) === block) this.#coming.delete(key)
    })
    this.#coming.set(key, block)
    return block
  }

  isComing(object: SlicedObject, index: number): boolean {
    return this.#coming.has(keyOfBlock(object, index))
  }

  /** The origin has another state of it by now: no request finds this one any more. */
  forget({ edge, asker, head }: SlicedObject): void {
    const now = edge.store.get(asker.storedKey || asker.key)
    if (now?.kind !== 'response' || now.slices?.id !== head.slices!.id) return
    void forget(edge.admission, asker.storedKey || asker.key)
  }

  /** Whether the parts of what is under this key were no use a moment ago: they are asked for as clients do. */
  isUseless(key: string): boolean {
    return this.#useless.has(partKey(key))
  }

  noteUseless(key: string, forMs: number): void {
    this.#useless.add(partKey(key), forMs)
  }
}

/** A long answer outlives a reload: its next block is asked of the origins that the site has by now. */
function followSite({ edge, asker }: SlicedObject): void {
  const now = edge.router.sites.find(asker.host)
  if (now?.name === asker.site!.name) asker.site = now
}
