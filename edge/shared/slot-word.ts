// The one word that decides about a fill slot: its state, its flags, its turn and its owner, as plain values. It only
// ever changes by a compare-and-swap of the whole, so who holds an old word can do nothing (slots.ts).

/**
 * `preparing`: the owner writes the key. `offered`: the key may be read, two who offer one key settle who leads
 * (claim.ts). `asking`: the owner asks the origin, others may follow. `filling`: place and bytes may be read. `whole`:
 * every byte is there. `unshared`: nobody's; what the key brings is not for all, until `timeMs`.
 */
export const slotStates = ['free', 'preparing', 'offered', 'asking', 'filling', 'whole', 'unshared'] as const
export type SlotState = (typeof slotStates)[number]

export interface SlotWord {
  readonly state: SlotState
  /** Those who follow stay; nobody else joins, and the key may have another slot. */
  readonly isRetired: boolean
  /** Its owner is dead or gave up: who swaps it to `asking` with his own number leads. */
  readonly isOrphaned: boolean
  /** How often a fill changed owners, the last four bits of it: what one publishes twice is told apart. */
  readonly adoptions: number
  /** How often the slot was taken, from 0 to `turnMax`, then again from 0. */
  readonly turn: number
  /** 0: nobody's. */
  readonly owner: number
}

/**
 * Turns come round after 67 million uses of one slot. To be fooled, one would have to sleep through exactly as many, and
 * find the slot named again.
 */
export const turnMax = 2 ** 26 - 1
/** Numbers are never given twice, so there are no more workers than this between two boots. */
export const ownerMax = 2 ** 28 - 1

/** Of the low half of a word. */
export const stateMask = 15
export const freeState = slotStates.indexOf('free')

/** Low to high: 4 bits of state, retired, orphaned; 4 bits of adoptions, 26 of turn, 28 of owner. */
const adoptionsShift = 6
const turnShift = 10n
const ownerShift = 36n
const adoptionsMax = 15

export function packWord({ state, isRetired, isOrphaned, adoptions, turn, owner }: SlotWord): bigint {
  const flags = (isRetired ? 16 : 0) | (isOrphaned ? 32 : 0) | (adoptions << adoptionsShift)
  return (
    BigInt(slotStates.indexOf(state) | flags) | (BigInt(turn) << turnShift) | (BigInt(owner) << ownerShift)
  )
}

export function unpackWord(bits: bigint): SlotWord {
  const low = Number(bits & 1023n)
  return {
    // A number that no state has is nothing that we write: nobody reads such a slot, and it goes with its owner.
    state: slotStates[low & stateMask] ?? 'preparing',
    isRetired: (low & 16) !== 0,
    isOrphaned: (low & 32) !== 0,
    adoptions: low >> adoptionsShift,
    turn: Number((bits >> turnShift) & BigInt(turnMax)),
    owner: Number(bits >> ownerShift),
  }
}

/** The same turn, nobody's: whoever still holds another word of it has lost it. */
export function freedWord(word: SlotWord): SlotWord {
  return { state: 'free', isRetired: false, isOrphaned: false, adoptions: 0, turn: word.turn, owner: 0 }
}

/** The next turn, of `owner`, who alone may write into the slot until he offers it. */
export function takenWord(word: SlotWord, owner: number): SlotWord {
  const turn = word.turn === turnMax ? 0 : word.turn + 1
  return { state: 'preparing', isRetired: false, isOrphaned: false, adoptions: 0, turn, owner }
}

/** The orphan's new owner begins with asking, whatever the old one had: what was published may be read no more. */
export function adoptedWord(word: SlotWord, owner: number): SlotWord {
  const adoptions = word.adoptions === adoptionsMax ? 0 : word.adoptions + 1
  return { ...word, state: 'asking', isOrphaned: false, adoptions, owner }
}

/** In these states the owner does something of which others may know. */
export const ledStates: readonly SlotState[] = ['asking', 'filling', 'whole']

export function isLed({ state }: SlotWord): boolean {
  return ledStates.includes(state)
}

/** Whether the key of such a slot may be read and compared. */
export function isNamed({ state }: SlotWord): boolean {
  return state !== 'free' && state !== 'preparing'
}
