// What is done over all slots rather than with one fill: the fills of the dead, and what there is at all. Any worker may
// do it at any time, several at once: each slot changes by one swap of one of them.
import type { FillRef } from './claim.js'
import { freedWord, isLed, type SlotState, type SlotWord, unpackWord } from './slot-word.js'
import type { Slots } from './slots.js'

export type Census = Record<SlotState | 'orphaned', number>

/** Makes orphans of what `owner` led and frees what it had not settled; returns what are orphans of it now. */
export function orphanFills(slots: Slots, owner: number, nowMs: number): FillRef[] {
  const orphans: FillRef[] = []
  for (const slot of slots.taken()) {
    const word = unpackWord(slots.bits(slot))
    if (word.owner !== owner) continue
    if (isLed(word) && !word.isOrphaned) slots.writeTimeMs(slot, nowMs)
    slots.update(slot, 'orphan', now => orphanedWord(now, owner))
    const after = unpackWord(slots.bits(slot))
    if (after.owner === owner && after.isOrphaned) orphans.push({ slot, turn: after.turn })
  }
  return orphans
}

/** Frees what has been an orphan since before `beforeMs`; returns how many. */
export function freeOrphans(slots: Slots, beforeMs: number): number {
  let freed = 0
  for (const slot of slots.taken()) {
    const bits = slots.bits(slot)
    const word = unpackWord(bits)
    if (!word.isOrphaned || slots.timeMs(slot) > beforeMs) continue
    if (slots.swap(slot, bits, freedWord(word), 'free')) freed++
  }
  return freed
}

export function ownersOf(slots: Slots): Set<number> {
  const owners = new Set<number>()
  for (const slot of slots.taken()) {
    const { owner, isOrphaned } = unpackWord(slots.bits(slot))
    if (owner !== 0 && !isOrphaned) owners.add(owner)
  }
  return owners
}

export function censusOf(slots: Slots): Census {
  const sums = {
    free: slots.count,
    preparing: 0,
    offered: 0,
    asking: 0,
    filling: 0,
    whole: 0,
    unshared: 0,
    orphaned: 0,
  }
  for (const slot of slots.taken()) {
    sums.free -= 1
    const word = unpackWord(slots.bits(slot))
    sums[word.isOrphaned ? 'orphaned' : word.state]++
  }
  return sums
}

function orphanedWord(word: SlotWord, owner: number): SlotWord | undefined {
  if (word.owner !== owner || word.isOrphaned) return undefined
  return isLed(word) ? { ...word, isOrphaned: true } : freedWord(word)
}
