// What a purge would take, without taking it: a walk through the index that ends when its time is over.
import type { Databases } from '../cache/databases.js'
import { keysOfPurgeName } from '../cache/identify.js'
import type { PurgeRule } from '../cache/purges/rule.js'
import { PurgeRules } from '../cache/purges/rules.js'
import { scanSlice } from '../cache/purges/scan.js'

export interface Counted {
  /** Responses that the purge would take, each variant for itself. */
  entries: number
  /** Entries that were looked at. */
  scanned: number
  /** False when the time was over before the end: there may be more. */
  isComplete: boolean
}

const sliceEntries = 256

/** Takes `timeMs` at most. Rejects with what lmdb says. */
export async function countPurged(
  databases: Databases,
  rules: readonly PurgeRule[],
  timeMs: number,
): Promise<Counted> {
  const untilMs = performance.now() + timeMs
  const live = new PurgeRules()
  // Later than every entry.
  for (const [index, rule] of rules.entries()) {
    live.add({ ...rule, sequence: Number.MAX_SAFE_INTEGER - rules.length + index })
  }
  const ranges = rangesOf(rules)
  const counted = { entries: 0, scanned: 0, isComplete: false }
  databases.root.resetReadTxn()
  for (let range = ranges.shift(); range !== undefined; ) {
    if (performance.now() >= untilMs) return counted
    const slice = scanSlice(databases, range, sliceEntries, subject => live.judge(subject))
    counted.scanned += slice.seen
    counted.entries += slice.struck.filter(({ isResponse }) => isResponse).length
    range = slice.seen < sliceEntries ? ranges.shift() : { ...range, after: slice.last }
    await new Promise(resolve => setImmediate(resolve))
  }
  return { ...counted, isComplete: true }
}

interface Range {
  after: string
  end: string | undefined
}

/** All entries that any of the rules may name lie in them. Keys begin with scheme and site. */
function rangesOf(rules: readonly PurgeRule[]): Range[] {
  const [first] = rules
  const isOfOneSite = rules.every(({ site }) => site === first.site) && first.site !== ''
  const start = isOfOneSite ? commonStart(rules) : ''
  if (start === '') return [{ after: '', end: undefined }]
  return keysOfPurgeName(start).map(each => ({ after: each.slice(0, -1), end: `${each}\xff` }))
}

function commonStart(rules: readonly PurgeRule[]): string {
  const starts = rules.map(({ kind, site, item }) =>
    kind === 'url' || kind === 'prefix' ? item.slice(0, startBytesMax) : `http ${site} `,
  )
  return starts.reduce((common, start) => {
    let length = 0
    while (length < common.length && common[length] === start[length]) length += 1
    return common.slice(0, length)
  })
}

/** No key that is kept begins with more. */
const startBytesMax = 500
