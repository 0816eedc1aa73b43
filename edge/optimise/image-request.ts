// What the query of a request asks for of an image: read, held against what the site allows, and taken out of the target.
// Pure but for the clock that is given.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ImageConfig } from '../../config/settings.js'
import { acceptedFormat, type ModernFormat } from '../http/image-accept.js'

export const fits = ['cover', 'contain', 'inside', 'fill'] as const
export const formats = ['auto', 'avif', 'webp', 'jpeg', 'png'] as const
export type Fit = (typeof fits)[number]

/** `source`: what it came in, where that can be written. */
export type TargetFormat = ModernFormat | 'jpeg' | 'png' | 'source'

/** One form of an image. */
export interface ImageWork {
  readonly kind: 'image'
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly fit: Fit
  readonly format: TargetFormat
  /** It was chosen by Accept. */
  readonly isAuto: boolean
  /** Absent: that of the format. */
  readonly quality?: number | undefined
  /** Further request fields by which it was chosen, lower case. */
  readonly hints: readonly string[]
  readonly effort: 'fast' | 'best'
}

/** What is wrong, for the person who asks. `status`: 400, or 403 when it is only not allowed to this one. */
export interface BadImageRequest {
  readonly status: 400 | 403
  readonly code: string
  readonly message: string
}

export interface ImageRequest {
  /** Without what was meant for us: what is keyed, and what the origin is asked. */
  readonly target: string
  readonly work: ImageWork
}

/** The request fields that may choose, undefined when absent. */
export interface ImageFields {
  readonly accept: string | undefined
  readonly saveData: string | undefined
  readonly width: string | undefined
  readonly dpr: string | undefined
}

export interface ImageLimits {
  readonly config: ImageConfig
  /** By which URLs are signed; undefined: they are not. */
  readonly secret: Buffer | undefined
}

const ours = new Set(['w', 'h', 'fit', 'q', 'dpr', 'format', 'preset', 'sig', 'exp'])
const dprMax = 4
/** Of the quality, for who saves data. */
const savedShare = 0.7

/** Undefined when nothing of the query is meant for us. `nowMs`: wall clock. */
export function readImageRequest(
  target: string,
  fields: ImageFields,
  limits: ImageLimits,
  nowMs: number,
): ImageRequest | BadImageRequest | undefined {
  const { own, bare } = split(target)
  if (own.size === 0) return undefined
  const objection = limits.secret && judgeSignature(bare, own, limits.secret, nowMs)
  if (objection !== undefined) return objection
  const work = workOf(own, fields, limits.config)
  return 'code' in work ? work : { target: bare, work }
}

/** A target without what is meant for us: the image itself. */
export function bareTarget(target: string): string {
  return split(target).bare
}

/** Names that are ours, the first of each; and the target without them, as it was. */
function split(target: string): { own: Map<string, string>; bare: string } {
  const own = new Map<string, string>()
  const queryAt = target.indexOf('?')
  if (queryAt < 0) return { own, bare: target }
  const rest: string[] = []
  for (const member of target.slice(queryAt + 1).split('&')) {
    const [name = '', value = ''] = member.split('=', 2)
    if (!ours.has(name)) rest.push(member)
    else if (!own.has(name)) own.set(name, value)
  }
  if (own.size === 0) return { own, bare: target }
  const path = target.slice(0, queryAt)
  return { own, bare: rest.length === 0 ? path : `${path}?${rest.join('&')}` }
}

/** What is signed: the target without our names, and ours in the order of the alphabet. */
export function signedText(bare: string, own: ReadonlyMap<string, string>): string {
  const named = [...own].filter(([name]) => name !== 'sig').sort(([a], [b]) => (a < b ? -1 : 1))
  return `${bare}\n${named.map(([name, value]) => `${name}=${value}`).join('&')}`
}

/** The `sig` of a request: HMAC with SHA-256 (RFC 2104), in base64url. */
export function signatureOf(bare: string, own: ReadonlyMap<string, string>, secret: Buffer): string {
  return createHmac('sha256', secret).update(signedText(bare, own)).digest('base64url')
}

function judgeSignature(
  bare: string,
  own: ReadonlyMap<string, string>,
  secret: Buffer,
  nowMs: number,
): BadImageRequest | undefined {
  const given = Buffer.from(own.get('sig') ?? '')
  const right = Buffer.from(signatureOf(bare, own, secret))
  const isRight = given.length === right.length && timingSafeEqual(given, right)
  if (!isRight) return { status: 403, code: 'image-signature', message: 'The signature is missing or wrong.' }
  const until = own.get('exp')
  if (until === undefined || (/^\d{1,12}$/.test(until) && Number(until) * 1000 > nowMs)) return undefined
  return { status: 403, code: 'image-expired', message: 'This URL has expired.' }
}

type Wanted = Omit<ImageWork, 'kind' | 'effort' | 'format' | 'isAuto'> & { format: (typeof formats)[number] }

function workOf(
  own: ReadonlyMap<string, string>,
  fields: ImageFields,
  config: ImageConfig,
): ImageWork | BadImageRequest {
  const wanted = own.has('preset')
    ? presetOf(own, config)
    : config.presetsOnly
      ? presetsOnly
      : wishesOf(own, fields, config)
  if ('code' in wanted) return wanted
  const isSaving = config.saveData && fields.saveData?.toLowerCase() === 'on'
  const isAuto = wanted.format === 'auto'
  const format = wanted.format === 'auto' ? acceptedFormat(fields.accept ?? '') : wanted.format
  const hints = config.saveData ? [...wanted.hints, 'save-data'] : wanted.hints
  const full = wanted.quality ?? qualityOf(format, config)
  const quality = isSaving ? Math.max(1, Math.round(full * savedShare)) : full
  return { ...wanted, kind: 'image', effort: 'fast', format, isAuto, quality, hints }
}

function qualityOf(format: TargetFormat, { qualityAvif, qualityWebp, qualityJpeg }: ImageConfig): number {
  if (format === 'avif') return qualityAvif
  return format === 'webp' ? qualityWebp : qualityJpeg
}

const presetsOnly = bad('Only presets may be asked for here: ?preset=NAME.')

function bad(message: string): BadImageRequest {
  return { status: 400, code: 'image-request', message }
}

function presetOf(own: ReadonlyMap<string, string>, { presets }: ImageConfig): Wanted | BadImageRequest {
  const preset = presets.find(({ name }) => name === own.get('preset'))
  if (preset === undefined) return bad('There is no such preset.')
  const { w: width, h: height, fit, q: quality, format = 'auto' } = preset
  return { width, height, fit: fit ?? fitOf(width, height), quality, format, hints: [] }
}

function wishesOf(
  own: ReadonlyMap<string, string>,
  fields: ImageFields,
  config: ImageConfig,
): Wanted | BadImageRequest {
  const hints: string[] = []
  const hinted = (name: string, value: string | undefined): string | undefined => {
    if (!config.clientHints) return undefined
    hints.push(name)
    return value
  }
  const dprText = own.get('dpr') ?? hinted('sec-ch-dpr', fields.dpr)
  const dpr = dprText === undefined ? 1 : decimal(dprText)
  if (dpr === undefined || dpr < 1 || dpr > dprMax) return bad(`dpr is a number from 1 to ${dprMax}.`)
  // Sec-CH-Width counts the pixels of the device already.
  const hintedWidth = own.has('w') || own.has('h') ? undefined : hinted('sec-ch-width', fields.width)
  const width = hintedWidth === undefined ? sideOf(own.get('w'), dpr) : sideOf(hintedWidth, 1)
  const height = sideOf(own.get('h'), dpr)
  const objection = judgeSide('w', width, config) ?? judgeSide('h', height, config)
  if (objection !== undefined) return objection
  const fit = own.get('fit') ?? fitOf(width, height)
  if (!isOne(fits, fit)) return bad(`fit is one of ${fits.join(', ')}.`)
  const format = own.get('format') ?? 'auto'
  if (!isOne(formats, format)) return bad(`format is one of ${formats.join(', ')}.`)
  const quality = own.has('q') ? Number(own.get('q')) : undefined
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100))
    return bad('q is a whole number from 1 to 100.')
  return { width, height, fit, quality, format, hints }
}

function decimal(text: string): number | undefined {
  return /^\d{1,2}(?:\.\d{1,3})?$/.test(text) ? Number(text) : undefined
}

/** In pixels of the form; NaN when it is none. */
function sideOf(text: string | undefined, dpr: number): number | undefined {
  if (text === undefined) return undefined
  return /^\d{1,5}$/.test(text) && Number(text) > 0 ? Math.round(Number(text) * dpr) : Number.NaN
}

function judgeSide(
  name: string,
  side: number | undefined,
  { sides, sideMax }: ImageConfig,
): BadImageRequest | undefined {
  if (side === undefined || (side <= sideMax && (sides.length === 0 || sides.includes(side))))
    return undefined
  const expected = sides.length === 0 ? `a whole number from 1 to ${sideMax}` : `one of ${sides.join(', ')}`
  return bad(`${name} is ${expected}, after dpr.`)
}

/** With one side only nothing is cut. */
function fitOf(width: number | undefined, height: number | undefined): Fit {
  return width !== undefined && height !== undefined ? 'cover' : 'inside'
}

function isOne<Word extends string>(words: readonly Word[], text: string): text is Word {
  return (words as readonly string[]).includes(text)
}
