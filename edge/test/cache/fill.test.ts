import t from 'tap'
import type { BodyReader } from '../../cache/body.js'
import { Fill } from '../../cache/fill.js'

interface Kept {
  fill: Fill
  budget: { used: number; max: number }
  kept: string[]
  /** Ends the storing that `complete` has begun. */
  commit: () => void
}

function fillOf(given: { bodyBytesMax?: number; budgetMax?: number; promised?: number } = {}): Kept {
  const budget = { used: 0, max: given.budgetMax ?? 10_000_000 }
  const kept: string[] = []
  let commit = () => {}
  const stored = new Promise<void>(resolve => {
    commit = resolve
  })
  const fill = new Fill({
    budget,
    bodyBytesMax: given.bodyBytesMax ?? 1_000_000,
    promised: given.promised,
    keep: content => {
      kept.push(content.toString())
      return stored
    },
  })
  return { fill, budget, kept, commit }
}

/** Reads all there is each time, or nothing while it is `slow`. */
class Reader implements BodyReader {
  at = 0
  text = ''
  isEnded = false
  isBroken = false
  isSlow = false
  readonly #fill: Fill

  constructor(fill: Fill) {
    this.#fill = fill
    fill.attach(this)
    this.wake()
  }

  wake(): void {
    if (this.isSlow || this.isEnded || this.isBroken) return
    for (;;) {
      const piece = this.#fill.read(this, 64 * 1024)
      if (piece === 'later') return this.#fill.progressed()
      this.isEnded = piece === 'end'
      this.isBroken = piece === 'broken'
      if (typeof piece === 'string') return this.#fill.detach(this)
      this.text += piece.toString()
      this.at += piece.length
    }
  }
}

t.test('Fill is read while it comes, by who was there first and by who comes later', async t => {
  const { fill, kept, commit, budget } = fillOf()
  const early = new Reader(fill)
  fill.add(Buffer.from('ab'))
  const late = new Reader(fill)
  fill.add(Buffer.from('cd'))
  t.strictSame([early.text, late.text], ['abcd', 'abcd'])
  const completed = fill.complete()
  t.ok(early.isEnded && late.isEnded)
  t.ok(fill.isReadable, 'until it is stored')
  t.equal(new Reader(fill).text, 'abcd')
  t.equal(budget.used, 4)
  commit()
  await completed
  t.strictSame(kept, ['abcd'])
  t.equal(budget.used, 0)
  t.notOk(fill.isReadable)
})

t.test('Fill holds its bytes for a slow reader even when they are stored', async t => {
  const { fill, commit, budget } = fillOf()
  const reader = new Reader(fill)
  reader.isSlow = true
  fill.add(Buffer.from('abc'))
  commit()
  await fill.complete()
  t.equal(budget.used, 3)
  reader.isSlow = false
  reader.wake()
  t.match(reader, { text: 'abc', isEnded: true })
  t.equal(budget.used, 0)
})

t.test('Fill too large for the store goes on for its readers, no further ahead than it may', async t => {
  const { fill, kept, budget } = fillOf({ bodyBytesMax: 100_000 })
  const [quick, slow] = [new Reader(fill), new Reader(fill)]
  slow.isSlow = true
  let mayGoOn = true
  let room = 0
  fill.onRoom = () => {
    room += 1
  }
  const chunk = Buffer.alloc(50_000, 'x')
  let added = 0
  while (mayGoOn && added < 100) {
    mayGoOn = fill.add(chunk)
    added += 1
  }
  t.ok(added < 10, `${added} chunks of 50 kB`)
  t.notOk(fill.isOpen)
  t.ok(fill.isWanted)
  t.notOk(fill.isReadable, 'its beginning may be gone')
  t.equal(quick.text.length, added * chunk.length)
  slow.isSlow = false
  slow.wake()
  t.ok(room > 0)
  t.equal(slow.text.length, added * chunk.length)
  t.ok(budget.used < 300_000, 'what all have read is let go')
  await fill.complete()
  t.ok(quick.isEnded && slow.isEnded)
  t.strictSame(kept, [])
  t.equal(budget.used, 0)
})

t.test('Fill too large for the store that nobody reads (any more) is given up', async t => {
  const { fill, budget } = fillOf({ bodyBytesMax: 3 })
  t.ok(fill.add(Buffer.from('abcd')))
  t.notOk(fill.isWanted)
  t.equal(budget.used, 0)
  const other = fillOf({ bodyBytesMax: 3 })
  const reader = new Reader(other.fill)
  other.fill.add(Buffer.from('abcd'))
  t.ok(other.fill.isWanted)
  let room = 0
  other.fill.onRoom = () => {
    room += 1
  }
  other.fill.detach(reader)
  t.notOk(other.fill.isWanted)
  t.equal(room, 1, 'whoever asks the origin looks whether to go on')
  t.equal(other.budget.used, 0)
})

t.test('Fill for which the budget has no room goes on for its readers only', async t => {
  const { fill, kept, budget } = fillOf({ budgetMax: 5 })
  const reader = new Reader(fill)
  fill.add(Buffer.from('abc'))
  fill.add(Buffer.from('def'))
  t.notOk(fill.isOpen)
  await fill.complete()
  t.match(reader, { text: 'abcdef', isEnded: true })
  t.strictSame(kept, [])
  t.equal(budget.used, 0)
})

t.test('discard() tells readers that it broke, and stores nothing', async t => {
  const { fill, kept, budget } = fillOf()
  const reader = new Reader(fill)
  fill.add(Buffer.from('abc'))
  fill.discard()
  t.match(reader, { isBroken: true, isEnded: false })
  t.equal(budget.used, 0)
  fill.add(Buffer.from('late'))
  await fill.complete()
  t.strictSame(kept, [])
})
