// What a site says of the forms in which its responses are served, prepared once; and which forms one response may have.
// Making them is optimise/'s.
import { readFileSync } from 'node:fs'
import type { SiteOptimiseConfig } from '../../config/settings.js'
import { parseCacheControl } from '../http/cache-control.js'
import { type Coding, chooseCoding, contentCodings, varyingByEncoding } from '../http/content-codings.js'
import { isOffered, takesDelta } from '../http/dictionaries.js'
import { combinedValue, type Fields, firstValue } from '../http/fields.js'
import { parseContentLength } from '../http/framing.js'
import { remembering } from '../http/remember.js'
import { mayHaveBody } from '../http/status.js'
import { matcher } from './pattern.js'
import { mediaType } from './policy.js'

/**
 * `compressible`: in no coding, and shorter in one; `coded`: in one whatever the client takes, which can be undone; `image`:
 * of pixels, on a site that makes others of it.
 */
export type Forms = 'compressible' | 'coded' | 'image'

export interface FormRules {
  readonly config: SiteOptimiseConfig
  /** `noTransform`: of the field that rules; that of Cache-Control counts as well (RFC 9111 5.2.2.6). */
  formsOf(status: number, fields: Fields, noTransform: boolean): Forms | undefined
  /** The coding for a client that sends this Accept-Encoding. */
  choose(acceptEncoding: string): Coding | 'identity'
  /** Whether an answer that is not stored may be compressed while it passes. */
  mayPassCoded(status: number, fields: Fields, noTransform: boolean): boolean
  /** What makes a response a dictionary: `origin`, or the pattern of the site by which it is offered; undefined: nothing. */
  dictionaryOf(target: string, fields: Fields): string | undefined
  /** Whether a client that sends this Accept-Encoding takes differences. */
  takesDelta(acceptEncoding: string): boolean
  /** Whether the query of a target with this path asks for a form of an image. */
  isImagePath(path: string): boolean
  /** By which such queries are signed; undefined: they are not. */
  readonly imageSecret: Buffer | undefined
}

/** The codings that we can undo. */
const decodable = new Set(['br', 'zstd', 'gzip', 'deflate'])

/** Pictures that are drawn, not made of pixels, are served as they are. */
const rasterTypes = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
])

/** Undefined when everything is served as it came. Throws when the secret cannot be read. */
export function formRules(config: SiteOptimiseConfig): FormRules | undefined {
  const { compress, codings, images, image } = config
  if (!compress && !images) return undefined
  const isCompressible = compressibility(config)
  return {
    config,
    choose: remembering(value => chooseCoding(value, compress ? codings : [])),
    mayPassCoded(status, fields, noTransform) {
      if (!config.compressPassed || status === 206 || noTransform || forbidsTransform(fields)) return false
      const type = mediaType(firstValue(fields, 'content-type'))
      // What is said at once is to be heard at once.
      if (type === undefined || type === 'text/event-stream') return false
      return contentCodings(fields).length === 0 && mayHaveBody(status) && isCompressible(type, fields)
    },
    dictionaryOf: dictionaryRule(config),
    takesDelta: config.dictionaries ? remembering(takesDelta) : () => false,
    isImagePath: imagePaths(config),
    imageSecret: images && image.secretFile !== undefined ? readSecret(image.secretFile) : undefined,
    formsOf(status, fields, noTransform) {
      if (status !== 200 || noTransform || forbidsTransform(fields)) return undefined
      const found = contentCodings(fields)
      if (found.length > 0) return compress && canBeDecoded(found, fields) ? 'coded' : undefined
      const type = mediaType(firstValue(fields, 'content-type'))
      if (images && type !== undefined && rasterTypes.has(type)) return 'image'
      return type !== undefined && isCompressible(type, fields) ? 'compressible' : undefined
    },
  }
}

/** Whether the query of a target with this path asks for a form of an image. */
export function imagePaths({ images, image }: SiteOptimiseConfig): (path: string) => boolean {
  const paths = images ? image.paths.map(matcher) : []
  return path => paths.some(matches => matches(path))
}

function dictionaryRule({ dictionaries, dictionaryPaths }: SiteOptimiseConfig): FormRules['dictionaryOf'] {
  if (!dictionaries) return () => undefined
  const rules = dictionaryPaths.map(pattern => ({ pattern, matches: matcher(pattern) }))
  return (target, fields) => {
    if (isOffered(fields)) return 'origin'
    const [path = ''] = target.split('?', 1)
    return rules.find(({ matches }) => matches(path))?.pattern
  }
}

function compressibility(config: SiteOptimiseConfig): (type: string, fields: Fields) => boolean {
  const types = config.compress ? config.compressTypes.map(matcher) : []
  return (type, fields) => types.some(matches => matches(type)) && !isOutside(fields, config)
}

/** Its last line end is the editor's. */
function readSecret(file: string): Buffer {
  return Buffer.from(readFileSync(file, 'latin1').replace(/\r?\n$/, ''), 'latin1')
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
