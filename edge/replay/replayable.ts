// Whether what answered a request would answer every other with the same target, Host, Accept-Encoding and condition, and nothing
// else that means anything, as long as what was read for it is not changed.
import { absentNames } from '../../native/index.js'
import { EntryFlag, type ResponseEntry } from '../cache/entry.js'
import type { HotEntry } from '../cache/hot.js'
import { wantedWork } from '../choose-form.js'
import { type Exchange, Mark } from '../exchange.js'
import { firstValue } from '../http/fields.js'

/** In memory; a longer one is sent out of its segment. */
const bodyBytesMax = 1024 * 1024

/** Only these have other forms. */
const formed = EntryFlag.compressible | EntryFlag.coded | EntryFlag.image

/** `entry`: what was sent to `x` as a plain hit, whole or as a 304. `upgradeAfter`: of the settings. */
export function isReplayable(x: Exchange, entry: ResponseEntry, upgradeAfter: number): boolean {
  const { config, rules } = x.site!
  if (entry.status !== 200 || entry.slices !== undefined) return false
  if (entry.place === undefined && entry.bodyBytes > bodyBytesMax) return false
  if ((entry.flags & EntryFlag.grouped) !== 0 || x.image !== undefined || !isPlain(x, entry)) return false
  const { forms } = rules
  if (forms === undefined) return true
  if (forms.takesDelta(x.acceptEncoding ?? '')) return false
  const [path = ''] = x.target.split('?', 1)
  if (config.optimise.images && forms.isImagePath(path)) return false
  // Who makes a form better counts how often it is used.
  if (entry.form !== '') return (entry.flags & EntryFlag.smallest) !== 0 || entry.uses >= upgradeAfter
  if ((entry.flags & formed) === 0) return true
  // A form is on its way, or was given up for now.
  return wantedWork(x, entry) === undefined
}

/**
 * It asked for nothing but the response; or whether it has changed, in the words that everybody uses who has it: lists of tags and
 * other dates are too many to keep an answer for each.
 */
function isPlain({ marks, status, fields }: Exchange, { etag, lastModified }: ResponseEntry): boolean {
  if (marks === 0) return true
  if (marks !== Mark.conditional || status !== 304) return false
  const noneMatch = firstValue(fields, 'if-none-match')
  if (noneMatch === undefined) return firstValue(fields, 'if-modified-since') === lastModified
  return noneMatch === etag || noneMatch === `W/${etag}`
}

/** What every answer is kept by: for these it may vary. */
const keyed = new Set(['accept-encoding', 'host'])

/**
 * Bits of `absentNames`: what the answer to `x` was selected by, and `x` does not bear (RFC 9111 4.1). Undefined when it was
 * selected by anything else. `read`: for it.
 */
export function absentOf(x: Exchange, read: readonly HotEntry[]): number | undefined {
  const names = selectingNames(x, read)
  if (names === undefined) return undefined
  let absent = 0
  for (const name of names) {
    if (keyed.has(name)) continue
    const bit = absentNames.indexOf(name)
    if (bit < 0 || firstValue(x.fields, name) !== undefined) return undefined
    absent |= 1 << bit
  }
  return absent
}

/** Of all variants: which one it is depends on each of them. */
function selectingNames(x: Exchange, read: readonly HotEntry[]): readonly string[] | undefined {
  const { keyFields } = x.site!.config.cache
  if (x.storedKey === x.key) return keyFields
  for (const { entry } of read) {
    if (entry.kind === 'variants')
      return [...keyFields, ...entry.variants.flatMap(({ varyNames }) => varyNames)]
  }
  return undefined
}
