// Whether what answered a request would answer every other with the same target, Host and Accept-Encoding, and nothing else that
// means anything, as long as what was read for it is not changed.
import { EntryFlag, type ResponseEntry } from '../cache/entry.js'
import { wantedWork } from '../choose-form.js'
import type { Exchange } from '../exchange.js'

/** Beyond it a body is better sent in pieces. */
const bodyBytesMax = 1024 * 1024

/** Only these have other forms. */
const formed = EntryFlag.compressible | EntryFlag.coded | EntryFlag.image

/** `entry`: what was sent to `x`, whole, as a plain hit. `upgradeAfter`: of the settings. */
export function isReplayable(x: Exchange, entry: ResponseEntry, upgradeAfter: number): boolean {
  const { config, rules } = x.site!
  if (entry.status !== 200 || !entry.isAtHand || entry.bodyBytes > bodyBytesMax) return false
  if ((entry.flags & EntryFlag.grouped) !== 0 || x.image !== undefined || x.marks !== 0) return false
  if (x.storedKey !== x.key || config.cache.keyFields.length > 0) return false
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
