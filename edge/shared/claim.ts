// Who fetches a key for all workers of the host: finds the fill that can be followed, or takes a slot and leads. Two who
// begin at once both offer their slot and then look at all others: whoever does it second sees the first, so at most one
// settles. Nobody waits for anybody: every loop here is bounded, and beyond the bounds a request is not collapsed.
import type { KeyHash } from './key-hash.js'
import {
  adoptedWord,
  freedWord,
  isNamed,
  packWord,
  type SlotWord,
  takenWord,
  unpackWord,
} from './slot-word.js'
import type { Slots } from './slots.js'

/** One use of a slot: whatever happens to the slot later is another fill. */
export interface FillRef {
  readonly slot: number
  readonly turn: number
}

export type Claim =
  /** Ask the origin. `isOrphan`: another began and is gone; who followed it follows you now. */
  | { kind: 'lead'; fill: FillRef; isOrphan: boolean }
  /** `owner` asks already. It may be over by the time it is read: then look into the store and claim again. */
  | { kind: 'follow'; fill: FillRef; owner: number }
  /** What this key brings is not for all: ask alone. */
  | { kind: 'unshared' }
  /** No slot: ask alone. */
  | { kind: 'full' }

export interface Asked {
  hash: KeyHash
  /** The purge sequence at which the fill begins. */
  fence: number
  owner: number
  nowMs: number
}

/** A key is in one of so many slots after the one that its hash names. */
export const probesMax = 16
/** Each is a look at all of these; two who meet need a handful. */
const attemptsMax = 64
/** How often a slot may change hands while one reads its key. */
const rereadsMax = 100

interface Match {
  slot: number
  position: number
  bits: bigint
  word: SlotWord
}

export function claim(slots: Slots, asked: Asked): Claim {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const found = find(slots, asked.hash)
    if (found !== undefined) {
      const joined = join(slots, asked, found, attempt === attemptsMax)
      if (joined !== undefined) return joined
      continue
    }
    const own = take(slots, asked)
    if (own === undefined) return { kind: 'full' }
    if (settle(slots, asked.hash, own)) return { kind: 'lead', fill: refOf(own), isOrphan: false }
  }
  return { kind: 'full' }
}

/** What to do with the slot that has the key; undefined: look again. */
function join(slots: Slots, asked: Asked, { slot, bits, word }: Match, isLast: boolean): Claim | undefined {
  const fill = { slot, turn: word.turn }
  if (word.state === 'unshared') {
    if (asked.nowMs < slots.timeMs(slot)) return { kind: 'unshared' }
    slots.swap(slot, bits, freedWord(word), 'free')
    return undefined
  }
  if (word.isOrphaned) {
    return slots.swap(slot, bits, adoptedWord(word, asked.owner), 'take-over')
      ? { kind: 'lead', fill, isOrphan: true }
      : undefined
  }
  // An offer is settled within moments, unless its owner died just then: who follows it hears of that.
  return word.state === 'offered' && !isLast ? undefined : { kind: 'follow', fill, owner: word.owner }
}

/** The slot that has the key: a settled one, or else the first that is offered. */
function find(slots: Slots, hash: KeyHash): Match | undefined {
  let offered: Match | undefined
  for (let position = 0; position < probesOf(slots); position++) {
    const match = matchAt(slots, hash, position)
    if (match === undefined) continue
    if (match.word.state !== 'offered') return match
    offered ??= match
  }
  return offered
}

/** A slot of our own with the key in it, offered. */
function take(slots: Slots, asked: Asked): Match | undefined {
  // A free one; or one that only remembers that a key is unshared: who forgets that asks once more than needed.
  for (const state of ['free', 'unshared'] as const) {
    for (let position = 0; position < probesOf(slots); position++) {
      const slot = slotAt(slots, asked.hash, position)
      const bits = slots.bits(slot)
      const old = unpackWord(bits)
      if (old.state !== state) continue
      const taken = takenWord(old, asked.owner)
      if (slots.swap(slot, bits, taken, 'take')) return offer(slots, asked, { slot, position, word: taken })
    }
  }
  return undefined
}

function offer(slots: Slots, asked: Asked, { slot, position, word }: Omit<Match, 'bits'>): Match | undefined {
  slots.writeKey(slot, asked.hash)
  slots.writeFence(slot, asked.fence)
  slots.writeTimeMs(slot, asked.nowMs)
  const offered: SlotWord = { ...word, state: 'offered' }
  if (!slots.swap(slot, packWord(word), offered, 'offer')) return undefined
  return { slot, position, bits: packWord(offered), word: offered }
}

/**
 * True when the offered slot leads from now on. Of two offers the one in the earlier slot stays: it takes the later one
 * away before its owner can settle, or finds it settled and gives way.
 */
function settle(slots: Slots, hash: KeyHash, own: Match): boolean {
  for (let position = 0; position < probesOf(slots); position++) {
    if (position === own.position || isCleared(slots, hash, position, own.position)) continue
    slots.swap(own.slot, own.bits, freedWord(own.word), 'withdraw')
    return false
  }
  return slots.swap(own.slot, own.bits, { ...own.word, state: 'asking' }, 'settle')
}

/** Whether nobody else leads the key from this slot, nor will. */
function isCleared(slots: Slots, hash: KeyHash, position: number, ownPosition: number): boolean {
  for (let reread = 0; reread < rereadsMax; reread++) {
    const other = matchAt(slots, hash, position)
    if (other === undefined) return true
    if (other.word.state !== 'offered' || position < ownPosition) return false
    if (slots.swap(other.slot, other.bits, freedWord(other.word), 'evict')) return true
  }
  return false
}

/** The slot at this place of the key's window, when it has the key and may be joined. */
function matchAt(slots: Slots, hash: KeyHash, position: number): Match | undefined {
  const slot = slotAt(slots, hash, position)
  // Most are: two looks at all of the window are what a claim mainly costs.
  if (slots.isFree(slot)) return undefined
  for (let reread = 0; reread < rereadsMax; reread++) {
    const before = unpackWord(slots.bits(slot))
    if (!isNamed(before) || before.isRetired) return undefined
    const hasKey = slots.hasKey(slot, hash)
    const bits = slots.bits(slot)
    const word = unpackWord(bits)
    // The key is written once per turn: within one turn, what was read of it is right.
    if (word.turn !== before.turn || !isNamed(word) || word.isRetired) continue
    return hasKey ? { slot, position, bits, word } : undefined
  }
  return undefined
}

function probesOf(slots: Slots): number {
  return Math.min(probesMax, slots.count)
}

function slotAt(slots: Slots, hash: KeyHash, position: number): number {
  return ((hash[0] >>> 0) + position) % slots.count
}

function refOf({ slot, word }: Match): FillRef {
  return { slot, turn: word.turn }
}
