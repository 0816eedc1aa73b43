// The list that a URL keeps under its own key when its responses vary (RFC 9111 4.1): which variants there are, by
// which fields each was selected, and in which order they were stored. It alone says what is there: a variant that it
// does not name is not found. Who writes it is keep-variant.ts, who reads it lookup.ts.
import { seal } from './checksum.js'
import { kindVariants, offset, prologueBytes, writePrologue } from './layout.js'
import { listBytes, readList, readText, textBytes, writeList, writeText } from './texts.js'

/** One stored response of the URL. */
export interface Variant {
  /** Lower-case field names of its Vary, sorted; none when it was stored before the URL varied. */
  readonly varyNames: readonly string[]
  /** What the request that it answered selects by them: see `variantOf` of identify.ts. */
  readonly id: string
  /** Its languages, as `contentLanguages` writes them, when it is selected by Accept-Language; else ''. */
  readonly languages: string
  /** What that request selects by the other names; '' without languages. */
  readonly rest: string
}

export interface VariantsDraft {
  /**
   * Part of the key of every variant; '' when absent. A list that begins anew has another one, so that it never leads
   * to what an older list led to.
   */
  readonly generation?: string
  /** The one stored last is last; by at most 256 different Varys. */
  readonly variants: readonly Variant[]
  readonly storedAtMs: number
}

/** Read out at once, since using it always means another `get`. Variants with one Vary share the list of its names. */
export interface VariantsEntry extends VariantsDraft {
  readonly kind: 'variants'
  readonly generation: string
}

/**
 * The record: generation, the Varys, one byte per variant that says which of them is its own, the ids, and only when
 * there are languages those, each followed by its rest.
 */
export function encodeVariants({ generation = '', variants, storedAtMs }: VariantsDraft): Buffer {
  const varys: string[] = []
  let places = ''
  for (const { varyNames } of variants) {
    const vary = varyNames.join()
    if (!varys.includes(vary)) varys.push(vary)
    places += String.fromCharCode(varys.indexOf(vary))
  }
  const ids = variants.map(({ id }) => id)
  const hasLanguages = variants.some(({ languages }) => languages !== '')
  const languages = hasLanguages ? variants.flatMap(variant => [variant.languages, variant.rest]) : []
  const texts = textBytes(generation) + textBytes(places)
  const textsBytes = texts + listBytes(varys) + listBytes(ids) + listBytes(languages)
  const record = Buffer.alloc(prologueBytes + textsBytes)
  writePrologue(record, kindVariants, 0, 0, storedAtMs, textsBytes)
  let at = writeText(record, generation, prologueBytes)
  at = writeText(record, places, at)
  for (const list of [varys, ids, languages]) at = writeList(record, list, at)
  return seal(record)
}

/** The list whose texts end at `end`, or undefined when its time is no number. Total, like the rest of decoding. */
export function decodeVariants(record: Buffer, end: number): VariantsEntry | undefined {
  const storedAtMs = record.readDoubleLE(offset.storedAtMs)
  if (!Number.isFinite(storedAtMs)) return undefined
  const generation = readText(record, prologueBytes, end)
  let at = prologueBytes + textBytes(generation)
  const places = readText(record, at, end)
  at += textBytes(places)
  const varys = readList(record, at, end)
  at += listBytes(varys)
  const ids = readList(record, at, end)
  const languages = readList(record, at + listBytes(ids), end)
  const names = varys.map(vary => (vary === '' ? [] : vary.split(',')))
  const variants = ids.map((id, index) => ({
    varyNames: names[places.charCodeAt(index)] ?? [],
    id,
    languages: languages[2 * index] ?? '',
    rest: languages[2 * index + 1] ?? '',
  }))
  return { kind: 'variants', generation, variants, storedAtMs }
}
