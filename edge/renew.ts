// RFC 9111 4.3.4: a stored response that the origin has confirmed goes on with the new metadata; only its head is written
// again.
import { forget, keep, makeEntry } from './cache/admit.js'
import { mustForget } from './cache/affect.js'
import { type Answer, isForOne } from './cache/answer.js'
import { isForAll } from './cache/decide.js'
import type { ResponseEntry } from './cache/entry.js'
import { variantOf } from './cache/identify.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import type { Flight } from './fetch/collapse.js'

export interface Renewed {
  merged: ResponseEntry
  /** Resolves when others see it; undefined when it is not to be stored. */
  written: Promise<void> | undefined
}

/** `answer`: what is stored, with the fields of the 304. Those who wait get it. */
export function renew(
  { admission, config }: Pick<Edge, 'admission' | 'config'>,
  x: Exchange,
  stored: ResponseEntry,
  answer: Answer,
  flight: Flight | undefined,
): Renewed {
  const merged = makeEntry(answer, stored.content, config.cdnId)
  merged.isKept = true
  // RFC 9111 4.1: what the 304 says of Vary is true of the stored response, which is filed elsewhere from now on.
  const isRefiled = merged.varyNames.join() !== stored.varyNames.join()
  if (isRefiled || mustForget(answer)) void forget(admission, x.storedKey)
  if (answer.verdict.store && isForAll(x, merged, () => merged, answer.receivedMs)) {
    const variant = variantOf(merged.varyNames, x)
    flight?.share({ kind: 'stored', variant, entry: merged, detail: undefined })
  } else flight?.release(isForOne(answer))
  return { merged, written: answer.verdict.store ? keep(admission, x, answer, stored.content) : undefined }
}
