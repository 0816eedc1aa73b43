// An edge that gives again ahead of the engine and one that does not are told the same, by the thousand: whatever one of them
// answers, the other does. In the tests a moment; NAIJ_ATTACK_SECONDS goes on for longer, NAIJ_ATTACK_SEED repeats a run.
import t from 'tap'
import { onUws } from '../support/edge.js'
import { cut, type Dice, diceOf } from '../support/mutate.js'
import { attackOrigin } from './support/attack-origin.js'
import { type Asking, askingOf, askings, hostileOf, plainOf } from './support/attack-requests.js'
import { given } from './support/given.js'
import { type Pair, type Patience, pairOf, type Twins, told, twinsOf } from './support/twins.js'

const seconds = Number(process.env.NAIJ_ATTACK_SECONDS ?? 6)
const seed = Number(process.env.NAIJ_ATTACK_SEED ?? 20_261_130)
const together = 64
const hasty = { firstMs: 300, quietMs: 60, limitMs: 5_000 }
/** For what was different: a machine that is busy lets one wait for its origin while the other has its answer. */
const patient = { firstMs: 2_000, quietMs: 300, limitMs: 10_000 }

/** Until both have it: what is on its way into the store is a hit for the one and none for the other. */
async function fill(twins: Twins): Promise<void> {
  let next = 0
  const some = async (): Promise<void> => {
    let pair = await pairOf(twins)
    for (let at = next++; at < askings.length; at = next++) {
      await told(pair, [plainOf(askings[at]!)], true, hasty)
      if (!pair.isClosed().some(Boolean)) continue
      pair.end()
      pair = await pairOf(twins)
    }
    pair.end()
  }
  await Promise.all(Array.from({ length: together }, some))
  await new Promise(resolve => setTimeout(resolve, 300))
}

interface Found {
  sent: string[]
  difference: unknown
}

/** One connection to each: what is plain, what is not, and what is plain again. */
async function attackOnce(twins: Twins, dice: Dice, patience: Patience): Promise<Found | undefined> {
  const pair = await pairOf(twins)
  const sent: string[] = []
  try {
    for (let left = 1 + dice.below(6); left > 0; left -= 1) {
      const difference = await attackWith(pair, askingOf(dice), dice, { sent, patience })
      if (difference !== undefined) return { sent, difference }
      if (pair.isClosed()[0]) break
    }
    return undefined
  } finally {
    pair.end()
  }
}

async function attackWith(
  pair: Pair,
  asking: Asking,
  dice: Dice,
  { sent, patience }: { sent: string[]; patience: Patience },
) {
  const tell = (pieces: string[], isPlain: boolean) => {
    sent.push(...pieces)
    return told(pair, pieces, isPlain, patience)
  }
  const plain = plainOf(asking)
  for (let left = dice.below(3); left > 0; left -= 1) {
    const difference = await tell([plain], true)
    if (difference !== undefined || pair.isClosed()[0]) return difference
  }
  const hostile = hostileOf(asking, dice)
  const pieces = dice.below(4) === 0 ? cut(hostile, dice) : [hostile]
  const difference = await tell(pieces, false)
  if (difference !== undefined || pair.isClosed()[0]) return difference
  return tell([plain], true)
}

t.test('what is answered ahead of the engine is what the path answers', onUws, async t => {
  const twins = await twinsOf(t, attackOrigin)
  await fill(twins)
  t.comment(`filled after ${performance.now()}`)
  const endMs = performance.now() + seconds * 1_000
  const doubtful: number[] = []
  let connections = 0
  const attack = async (): Promise<void> => {
    while (performance.now() < endMs && doubtful.length < 20) {
      connections += 1
      const own = seed + connections * 7_919
      if ((await attackOnce(twins, diceOf(own), hasty)) !== undefined) doubtful.push(own)
    }
  }
  await Promise.all(Array.from({ length: together }, attack))
  const found: Found[] = []
  for (const own of doubtful) {
    const difference = await attackOnce(twins, diceOf(own), patient)
    if (difference !== undefined) found.push(difference)
  }
  twins.edges[0].counters()
  t.comment(
    `${connections} connections, ${given.hits} answers given ahead of the engine, ${doubtful.length} told again`,
  )
  t.strictSame(
    found.map(difference => JSON.stringify(difference).slice(0, 3_000)),
    [],
    `NAIJ_ATTACK_SEED=${seed}`,
  )
  t.ok(given.hits > connections / 10, `${given.hits} of ${connections} connections`)
})
