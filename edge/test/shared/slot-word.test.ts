import t from 'tap'
import {
  adoptedWord,
  freedWord,
  isLed,
  isNamed,
  ownerMax,
  packWord,
  type SlotWord,
  slotStates,
  takenWord,
  turnMax,
  unpackWord,
} from '../../shared/slot-word.js'

const plain: SlotWord = {
  state: 'asking',
  isRetired: false,
  isOrphaned: false,
  adoptions: 0,
  turn: 1,
  owner: 7,
}

t.test('unpackWord() gives back what packWord() was given, at the ends of every range too', async t => {
  for (const state of slotStates) {
    for (const flag of [true, false]) {
      for (const [adoptions, turn, owner] of [
        [0, 0, 0],
        [15, turnMax, ownerMax],
        [1, 1, 1],
        [8, 2 ** 25, 2 ** 27],
      ]) {
        const word = { state, isRetired: flag, isOrphaned: !flag, adoptions, turn, owner }
        const bits = packWord(word)
        t.ok(bits < 2n ** 64n)
        t.strictSame(unpackWord(bits), word)
      }
    }
  }
})

t.test('packWord() of a free slot that was never used is the zero of a new file', async t => {
  t.equal(packWord({ ...plain, state: 'free', turn: 0, owner: 0 }), 0n)
})

t.test('unpackWord() reads a number that no state has as a slot that nobody may read', async t => {
  t.equal(unpackWord(packWord(plain) | 15n).state, 'preparing')
})

t.test('takenWord() begins a turn, and after the last the first', async t => {
  t.equal(takenWord(plain, 9).turn, 2)
  t.equal(takenWord({ ...plain, turn: turnMax }, 9).turn, 0)
  t.strictSame(takenWord({ ...plain, isRetired: true, isOrphaned: true, adoptions: 3 }, 9), {
    ...plain,
    state: 'preparing',
    turn: 2,
    owner: 9,
  })
})

t.test('freedWord() keeps the turn and nothing else', async t => {
  t.strictSame(freedWord({ ...plain, isRetired: true, isOrphaned: true, adoptions: 3 }), {
    ...plain,
    state: 'free',
    owner: 0,
  })
})

t.test('adoptedWord() differs from what the same owner had before', async t => {
  const orphan: SlotWord = { ...plain, state: 'whole', isRetired: true, isOrphaned: true }
  t.strictSame(adoptedWord(orphan, 7), { ...plain, isRetired: true, adoptions: 1 })
  t.equal(adoptedWord({ ...orphan, adoptions: 15 }, 7).adoptions, 0)
})

t.test('isNamed() and isLed() know the states', async t => {
  const of = (is: (word: SlotWord) => boolean) => slotStates.filter(state => is({ ...plain, state }))
  t.strictSame(of(isNamed), ['offered', 'asking', 'filling', 'whole', 'unshared'])
  t.strictSame(of(isLed), ['asking', 'filling', 'whole'])
})
