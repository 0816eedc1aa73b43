// Finds what is stored for a request: the response under its key, or among the variants of that key the one that the
// request selects (RFC 9111 4.1). Synchronous.
import type { Exchange } from '../exchange.js'
import { isChosen, type LanguageChoice, languageChoice } from '../http/languages.js'
import type { ResponseEntry } from './entry.js'
import { languageRest, languagesAsked, variantKey, variantOf } from './identify.js'
import type { Store } from './store.js'
import type { Variant, VariantsEntry } from './variants.js'

/** `vary-miss`: the URL is stored, but not what this request selects (the words of RFC 9211). */
export type Found = ResponseEntry | 'uri-miss' | 'vary-miss'

/** Sets `x.storedKey` to where the response found is kept. */
export function lookup(x: Exchange, store: Store): Found {
  const entry = store.get(x.key, x.nowMs)
  if (entry === undefined) return 'uri-miss'
  if (entry.kind === 'variants') return lookupVariant(x, store, entry)
  x.storedKey = x.key
  return entry
}

/**
 * The key under which fetches that would bring this request the same are one: that of the URL while nothing is stored
 * for it, else that of what the request selects by the Vary that came last. To be asked when nothing was found.
 */
export function fetchKey(x: Exchange, store: Store, found: Found): string {
  const entry = found === 'uri-miss' ? undefined : store.get(x.key, x.nowMs)
  const last = entry?.kind === 'variants' ? entry.variants.at(-1) : undefined
  const id = variantOf(last?.varyNames ?? [], x)
  return id === '' ? x.key : variantKey(x.key, '', id)
}

/**
 * The matching one that was stored last. RFC 9111 4.1 says the most recent by Date; the order of storing stands for
 * it, because Date counts whole seconds, may be missing, and is the word of clocks that nobody compared, while what
 * came last is what an origin says now. A newer one that is stale is not passed over for an older one that is fresh:
 * content would go back in time.
 */
function lookupVariant(x: Exchange, store: Store, { generation, variants }: VariantsEntry): Found {
  const selection = new Selection(x)
  for (let at = variants.length - 1; at >= 0; at -= 1) {
    if (!selection.matches(variants[at])) continue
    const key = variantKey(x.key, generation, variants[at].id)
    const found = store.get(key, x.nowMs)
    // Evicted: the next best may still be there.
    if (found?.kind !== 'response') continue
    x.storedKey = key
    return found
  }
  return 'vary-miss'
}

/** What one request selects, worked out for each Vary once; variants with one Vary share the list of its names. */
class Selection {
  readonly #x: Exchange
  readonly #ids = new Map<readonly string[], string>()
  #rests: Map<readonly string[], string | undefined> | undefined
  /** Undefined until it was asked for; null when the client prefers no language. */
  #choice: LanguageChoice | null | undefined

  constructor(x: Exchange) {
    this.#x = x
  }

  matches(variant: Variant): boolean {
    const { varyNames, id } = variant
    let own = this.#ids.get(varyNames)
    if (own === undefined) {
      own = variantOf(varyNames, this.#x)
      this.#ids.set(varyNames, own)
    }
    return own === id || (variant.languages !== '' && this.#matchesByLanguage(variant))
  }

  /** RFC 9111 4.1: by a field that ranks what it accepts, a match is what it ranks first, however it is written. */
  #matchesByLanguage({ varyNames, languages, rest }: Variant): boolean {
    if (this.#choice === undefined) this.#choice = languageChoice(languagesAsked(this.#x)) ?? null
    if (this.#choice === null || !isChosen(this.#choice, languages)) return false
    this.#rests ??= new Map()
    if (!this.#rests.has(varyNames)) this.#rests.set(varyNames, languageRest(varyNames, this.#x))
    return this.#rests.get(varyNames) === rest
  }
}
