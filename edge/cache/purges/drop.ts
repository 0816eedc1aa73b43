// What purges do to the entries in the index: what is gone is removed, what is stale is written again as such. Only the
// keeper does it, within a transaction; until it has come by, whoever looks an entry up judges it by the rules.
import { bindToKey, isUndamaged, seal } from '../checksum.js'
import { type Databases, readStampMs, readValue } from '../databases.js'
import { decodeEntry } from '../entry.js'
import { keysOfPurgeName } from '../identify.js'
import { orderKey, storedKey } from '../key-bytes.js'
import { offset } from '../layout.js'
import type { NumberedRule } from './rule.js'
import type { Struck } from './rules.js'

export interface DropCounts {
  /** Responses that were removed. */
  removed: number
  /** Responses that were made stale. */
  softened: number
  /** All that was changed, lists of variants too: others are to be told when it is committed. */
  readonly keys: string[]
}

export function noDrops(): DropCounts {
  return { removed: 0, softened: 0, keys: [] }
}

/** A URL has no more variants than this by its settings; what is beyond is judged when it is looked up. */
const urlEntriesMax = 10_000

/** Takes a URL and its variants out of use, as far as they are older than the rule. Within `transactNow`. */
export function strikeUrl(databases: Databases, rule: NumberedRule, counts: DropCounts): void {
  const struck: Struck = { kind: rule.isSoft ? 'stale' : 'gone', atMs: rule.atMs, sequence: rule.sequence }
  for (const key of keysOfPurgeName(rule.item)) strikeKey(databases, key, struck, counts)
}

function strikeKey(databases: Databases, key: string, struck: Struck, counts: DropCounts): void {
  const found = [storedKey(key)]
  const [start, end] = [`${key}\n`, `${key}\v`]
  // Longer keys are not in their order here: the sweep comes to them.
  if (start.length <= longestPlain) {
    for (const variant of databases.entries.getKeys({ start, end, limit: urlEntriesMax })) found.push(variant)
  }
  for (const stored of found) strike(databases, stored, struck, counts)
}

/** LMDB takes no longer keys. */
const longestPlain = 1_000

/** Within `transactNow`. */
export function strike(databases: Databases, stored: string, struck: Struck, counts: DropCounts): void {
  const stampMs = readStampMs(databases, stored)
  const value = stampMs === undefined ? undefined : readValue(databases, stored)
  if (stampMs === undefined || value === undefined || value === 'unchanged') return
  const record = Buffer.from(value.subarray(0, value.length))
  const entry = decodeEntry(record)
  if (entry?.kind === 'response') {
    if (entry.fence >= struck.sequence) return
    if (struck.kind === 'stale') {
      soften(databases, stored, stampMs, record, struck)
      counts.keys.push(stored)
      counts.softened += 1
      return
    }
    counts.removed += 1
  } else if (entry !== undefined && (struck.kind === 'stale' || entry.storedAtMs > struck.atMs)) {
    // A list of variants: of what is stale it still leads to something, and a younger one to something younger.
    return
  }
  counts.keys.push(stored)
  databases.order.removeSync(orderKey(stampMs, stored))
  databases.entries.removeSync(stored)
}

/** RFC 9111 4.2.4: from then on it is stale, whatever its lifetime was. */
function soften(
  databases: Databases,
  stored: string,
  stampMs: number,
  record: Buffer,
  { atMs, sequence }: Struck,
): void {
  if (!isUndamaged(record, record.length, stored)) return
  const freshUntilMs = Math.min(record.readDoubleLE(offset.freshUntilMs), atMs)
  record.writeDoubleLE(freshUntilMs, offset.freshUntilMs)
  record.writeDoubleLE(sequence, offset.fence)
  seal(record)
  bindToKey(record, stored)
  databases.entries.putSync(stored, record, stampMs)
}
