// Lets those who wait for a fetch have what it brings: they read along, wait until it is stored, or ask themselves when there
// is nothing for them.
import { makeEntry } from './cache/admit.js'
import { type Answer, describe, isForOne } from './cache/answer.js'
import { isForAll } from './cache/decide.js'
import type { ResponseEntry } from './cache/entry.js'
import type { Fill } from './cache/fill.js'
import { variantOf } from './cache/identify.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import type { Flight } from './fetch/collapse.js'
import type { WholeAnswer } from './whole-answer.js'

export interface Sharing {
  /** Undefined: nobody can wait. */
  flight: Flight | undefined
  /** Undefined: it is not stored. */
  fill: Fill | undefined
  /** It is answered when it is whole. */
  whole: WholeAnswer | undefined
}

export function share(edge: Edge, x: Exchange, answer: Answer, { flight, fill, whole }: Sharing): void {
  let made: ResponseEntry | undefined
  const head = () => (made ??= makeEntry(answer, Buffer.alloc(0), edge.config.cdnId))
  if (fill === undefined) return flight?.release(true)
  const description = describe(answer)
  if (!isForAll(x, description, head, answer.receivedMs)) return flight?.release(isForOne(answer))
  const variant = variantOf(description.varyNames, x)
  // Who has to have it in another form waits until it is stored.
  if (answer.forms === 'coded') return
  if (whole === undefined) return flight?.share({ kind: 'filling', variant, head, fill })
  whole.onMade = entry => flight?.share({ kind: 'stored', variant, entry, detail: undefined })
}
