import t from 'tap'
import { type Candidate, choose, hashOf } from '../../fetch/balance.js'

interface Named extends Candidate {
  name: string
}

function candidates(...weights: number[]): Named[] {
  return weights.map((weight, at) => {
    const name = 'abcdefgh'[at]
    return { name, weight, share: 1, outstanding: 0, hash: hashOf(`http://${name}`), turn: 0 }
  })
}

t.test('choose() in turn, by weight and evenly spread', async t => {
  const few = candidates(5, 1, 1)
  const turns = Array.from({ length: 14 }, () => choose(few, 'roundRobin', 0).name).join('')
  t.equal(turns, 'aabacaaaabacaa')
})

t.test('choose() gives one that comes back slowly its share', async t => {
  const two = candidates(1, 1)
  const slow = { ...two[1], share: 0.25 }
  const turns = Array.from({ length: 100 }, () => choose([two[0], slow], 'roundRobin', 0).name)
  t.equal(turns.filter(name => name === 'b').length, 20)
})

t.test('choose() the one with the fewest requests for its weight, in turn when equal', async t => {
  const three = candidates(1, 1, 2)
  for (const [active, expected] of [
    [[0, 0, 0], 'c'],
    [[1, 0, 2], 'b'],
    [[0, 1, 3], 'a'],
    [[2, 2, 2], 'c'],
  ] as const) {
    const loaded = three.map((one, at) => ({ ...one, outstanding: active[at] }))
    t.equal(choose(loaded, 'leastOutstanding', 0).name, expected, active.join())
  }
  const equal = candidates(1, 1)
  const turns = Array.from({ length: 4 }, () => choose(equal, 'leastOutstanding', 0).name).join('')
  t.equal(turns, 'abab')
})

const keys = Array.from({ length: 20_000 }, (_, at) => hashOf(`http shop a/page/${at}`))

t.test('choose() the same for the same key, spread by weight', async t => {
  const three = candidates(1, 2, 1)
  const counts: Record<string, number> = { a: 0, b: 0, c: 0 }
  for (const key of keys) {
    const { name } = choose(three, 'consistentHash', key)
    counts[name] += 1
    t.equal(choose([...three].reverse(), 'consistentHash', key).name, name) || t.bailout('unstable')
    if (counts.a + counts.b + counts.c > 500) break
  }
  for (const key of keys) counts[choose(three, 'consistentHash', key).name] += 1
  const total = counts.a + counts.b + counts.c
  for (const [name, share] of [
    ['a', 0.25],
    ['b', 0.5],
    ['c', 0.25],
  ] as const) {
    t.ok(Math.abs(counts[name] / total - share) < 0.02, `${name}: ${counts[name]} of ${total}`)
  }
})

t.test('choose() by hash moves only the keys of who leaves', async t => {
  const three = candidates(1, 1, 1)
  const [a, b] = three
  let moved = 0
  for (const key of keys) {
    const before = choose(three, 'consistentHash', key)
    const after = choose([a, b], 'consistentHash', key)
    if (before.name !== 'c' && before !== after) moved += 1
  }
  t.equal(moved, 0)
})
