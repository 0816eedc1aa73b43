// What the words for kinds of content mean in times, and which word fits an answer that says nothing of its lifetime
// ("smart"). Pure; where the words are asked for is policy.ts.
import type { RuleConfig } from '../../config/settings.js'

export type PresetWord = NonNullable<RuleConfig['preset']>

export interface Times {
  readonly ttlMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
}

/** The words that stand for times; `never` and `origin` stand for none. */
export type TimedWord = Exclude<PresetWord, 'never' | 'origin'>

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Stale-if-error is cut to the site's `staleMaxMs` where it is used. */
export const presetTimes: Readonly<Record<TimedWord, Times>> = Object.freeze({
  // A changed content has another name, so an old one is never wrong.
  fingerprinted: { ttlMs: 365 * DAY, staleWhileRevalidateMs: 30 * DAY, staleIfErrorMs: 365 * DAY },
  images: { ttlMs: 7 * DAY, staleWhileRevalidateMs: DAY, staleIfErrorMs: 7 * DAY },
  fonts: { ttlMs: 30 * DAY, staleWhileRevalidateMs: 7 * DAY, staleIfErrorMs: 30 * DAY },
  // What a deployment changes under the same name.
  html: { ttlMs: MINUTE, staleWhileRevalidateMs: 10 * MINUTE, staleIfErrorMs: DAY },
  api: { ttlMs: 5 * SECOND, staleWhileRevalidateMs: 10 * SECOND, staleIfErrorMs: 5 * MINUTE },
})

const fontTypes = new Set([
  'application/font-woff',
  'application/vnd.ms-fontobject',
  'application/x-font-ttf',
])
const codeTypes = new Set(['text/css', 'text/javascript', 'application/javascript', 'application/wasm'])
const pageTypes = new Set(['text/html', 'application/xhtml+xml'])

/** The word for an answer of this path and type (lower-case, without parameters), or undefined when none fits. */
export function smartPreset(path: string, type: string | undefined): TimedWord | undefined {
  if (type === undefined) return undefined
  if (isPersonalType(type)) return pageTypes.has(type) ? 'html' : 'api'
  const word = assetWord(type)
  // Only assets: a missing script is often answered with a page, and that must not stay for a year.
  return word !== undefined && hasFingerprint(path) ? 'fingerprinted' : word
}

/** Pages and data are what servers make for who asks; assets are not. */
export function isPersonalType(type: string): boolean {
  return pageTypes.has(type) || type === 'application/json' || type.endsWith('+json')
}

function assetWord(type: string): TimedWord | undefined {
  if (type.startsWith('image/')) return 'images'
  if (type.startsWith('font/') || fontTypes.has(type)) return 'fonts'
  return codeTypes.has(type) ? 'html' : undefined
}

/** Eight is what bundlers shorten to, 64 is SHA-256. */
const hex = /^(?:[0-9a-f]{8,64}|[0-9A-F]{8,64})$/
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/i

/** The length of a widespread kind of database key, and of no usual fingerprint. */
const KEY_CHARACTERS = 24

/**
 * True when the file name has a hash of its content between its name and its suffix: `app.3f2a1b9c.js`,
 * `app-3f2a1b9c.min.css`. Names that are only a number, a date or an id are none: what they name may change. Hashes
 * that are not hexadecimal look like words; a site that has them says so by a rule.
 */
export function hasFingerprint(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (uuid.test(name)) return false
  const pieces = name.split(/[.\-_]/)
  return pieces.slice(1, -1).some(isFingerprint)
}

function isFingerprint(piece: string): boolean {
  return hex.test(piece) && piece.length !== KEY_CHARACTERS && /\d/.test(piece) && /[a-f]/i.test(piece)
}
