// What a site says of the forms in which its responses are served, prepared once; and which forms one response may have.
// Making them is optimise/'s.
import type { SiteOptimiseConfig } from '../../config/settings.js'
import { parseCacheControl } from '../http/cache-control.js'
import { type Coding, chooseCoding, contentCodings, varyingByEncoding } from '../http/content-codings.js'
import { combinedValue, type Fields, firstValue } from '../http/fields.js'
import { parseContentLength } from '../http/framing.js'
import { remembering } from '../http/remember.js'
import { matcher } from './pattern.js'
import { mediaType } from './policy.js'

/** `compressible`: in no coding, and shorter in one; `coded`: in one whatever the client takes, which can be undone. */
export type Forms = 'compressible' | 'coded'

export interface FormRules {
  readonly config: SiteOptimiseConfig
  /** `noTransform`: of the field that rules; that of Cache-Control counts as well (RFC 9111 5.2.2.6). */
  formsOf(status: number, fields: Fields, noTransform: boolean): Forms | undefined
  /** The coding for a client that sends this Accept-Encoding. */
  choose(acceptEncoding: string): Coding | 'identity'
}

/** The codings that we can undo. */
const decodable = new Set(['br', 'zstd', 'gzip', 'deflate'])

/** Undefined when everything is served as it came. */
export function formRules(config: SiteOptimiseConfig): FormRules | undefined {
  const { compress, codings, compressTypes } = config
  if (!compress) return undefined
  const types = compressTypes.map(matcher)
  const choose = remembering(value => chooseCoding(value, codings))
  return {
    config,
    choose,
    formsOf(status, fields, noTransform) {
      if (status !== 200 || noTransform || forbidsTransform(fields)) return undefined
      const found = contentCodings(fields)
      if (found.length > 0) return canBeDecoded(found, fields) ? 'coded' : undefined
      const type = mediaType(firstValue(fields, 'content-type'))
      const isOfType = type !== undefined && types.some(matches => matches(type))
      return isOfType && !isOutside(fields, config) ? 'compressible' : undefined
    },
  }
}

function forbidsTransform(fields: Fields): boolean {
  const said = combinedValue(fields, 'cache-control')
  return said !== undefined && parseCacheControl(said).noTransform
}

/** Where the origin chooses by Accept-Encoding itself, each client gets what it takes. */
function canBeDecoded(codings: readonly string[], fields: Fields): boolean {
  const isChosen = varyingByEncoding(fields) === fields
  return codings.length === 1 && decodable.has(codings[0]) && !isChosen
}

function isOutside(fields: Fields, { compressBytesMin, compressBytesMax }: SiteOptimiseConfig): boolean {
  const length = firstValue(fields, 'content-length')
  const bytes = length === undefined ? undefined : parseContentLength(length)
  return bytes !== undefined && (bytes < compressBytesMin || bytes > compressBytesMax)
}
