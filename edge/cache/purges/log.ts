// The purges as the index keeps them, in the order of their numbers, so that they outlive every process: written by the
// keeper, read by all. What a rule does to the entries of its URL is done in its own transaction.
import { type Databases, transactNow } from '../databases.js'
import { type DropCounts, noDrops, strikeUrl } from './drop.js'
import { decodeRule, encodeRule, type NumberedRule, type PurgeRule } from './rule.js'

/** What a reader does not know yet. */
export interface PurgeNews {
  /** Of the last rule that was written, or of the last retirement. */
  readonly sequence: number
  /** Rules up to this number are retired: of a fill whose fence is older nobody knows any more what it may bring. */
  readonly floor: number
  /** Those after the number that was asked with, oldest first. */
  readonly rules: readonly NumberedRule[]
}

export type PurgeProgress = Omit<PurgeNews, 'rules'>

/** Before the key of any rule. */
const progressKey = '\0'
const sequenceBytes = 6

/** Numbers as keys: in their order. */
function ruleKey(sequence: number): string {
  const bytes = Buffer.alloc(sequenceBytes)
  bytes.writeUIntBE(sequence, 0, sequenceBytes)
  return bytes.toString('latin1')
}

function sequenceOf(key: string): number {
  return Buffer.from(key, 'latin1').readUIntBE(0, sequenceBytes)
}

/** What came after number `after`, as it is committed by now. Throws what lmdb says. Ends the views of what was read. */
export function readNews(databases: Databases, after: number): PurgeNews {
  databases.root.resetReadTxn()
  return { ...readProgress(databases), rules: readRules(databases, after) }
}

/** How far they go, as the snapshot of this turn has it. */
export function readProgress({ purges }: Databases): PurgeProgress {
  const bytes = purges.get(progressKey)
  if (bytes === undefined) return { sequence: 0, floor: 0 }
  return JSON.parse(Buffer.from(bytes).toString()) as PurgeProgress
}

function readRules({ purges }: Databases, after: number): NumberedRule[] {
  const rules: NumberedRule[] = []
  for (const { key, value } of purges.getRange({ start: ruleKey(after + 1) })) {
    rules.push(decodeRule(value, sequenceOf(key)))
  }
  return rules
}

export interface Written {
  /** Of the first and the last of the rules. */
  readonly first: number
  readonly last: number
  readonly drops: DropCounts
}

/**
 * Gives the rules the next numbers, the first above `known` at least, and takes what the url rules name out of the
 * index. All of it or, when this throws, nothing; on the disk when it returns.
 */
export function appendRules(databases: Databases, rules: readonly PurgeRule[], known: number): Written {
  const drops = noDrops()
  const written = transactNow(databases, true, () => {
    const { sequence, floor } = readProgress(databases)
    const first = Math.max(sequence, known) + 1
    const last = first + rules.length - 1
    rules.forEach((rule, index) => {
      databases.purges.putSync(ruleKey(first + index), encodeRule(rule))
      if (rule.kind === 'url') strikeUrl(databases, { ...rule, sequence: first + index }, drops)
    })
    writeProgress(databases, { sequence: last, floor })
    return { first, last, drops }
  })
  for (const stored of drops.keys) databases.changes?.bump(stored)
  return written
}

/**
 * Takes the rules up to number `floor`, at most `rulesMax` of them, out of the index, under a number of its own so that
 * readers come to know it. Returns that number.
 */
export function retireRules(databases: Databases, floor: number, known: number, rulesMax: number): number {
  return transactNow(databases, false, () => {
    const progress = readProgress(databases)
    const sequence = Math.max(progress.sequence, known) + 1
    const retired: string[] = []
    const range = { start: ruleKey(1), end: ruleKey(floor + 1), limit: rulesMax }
    for (const key of databases.purges.getKeys(range)) retired.push(key)
    for (const key of retired) databases.purges.removeSync(key)
    const last = retired.length < rulesMax ? floor : sequenceOf(retired.at(-1)!)
    writeProgress(databases, { sequence, floor: Math.max(progress.floor, last) })
    return sequence
  })
}

function writeProgress({ purges }: Databases, progress: PurgeProgress): void {
  purges.putSync(progressKey, Buffer.from(JSON.stringify(progress)))
}
