// What the clients of a soak ask for and what is done to the edge meanwhile: what a site sees in an hour, not what a
// machine room on fire sees.
import { OBJECTS, objectBytes, popularity, seededRandom } from '../mixed-objects.js'
import { behaviours } from '../torture/content.js'
import { choose, type Disturbance } from '../torture/disturb.js'
import type { Habits } from '../torture/habits.js'

/** Of the objects of scenario `mixed`, the most popular, so that much is in the cache and something always leaves it. */
const KNOWN = 20_000
const LINES = 65_536
const MISSES = 0.05
const HERDS = 0.01
const HERD = 10

const weights: Partial<Record<Disturbance, number>> = {
  purge: 5,
  reload: 3,
  'kill a child': 1,
  'new generation': 1,
}

/** `betweenMs`: between two disturbances. */
export function soakHabits(betweenMs: number): Habits {
  const numbers = popularity(LINES, seededRandom(1), Math.min(KNOWN, OBJECTS))
  let newest = KNOWN
  return {
    betweenMs,
    disturbance: random => choose(random, weights),
    target(random) {
      const isNew = random.next() < MISSES
      if (isNew) newest += 1
      const number = isNew ? newest : numbers[random.whole(LINES)]!
      return { target: soakTarget(number), herd: random.next() < HERDS ? HERD : 1 }
    },
  }
}

/** Of one length, which its number tells, and of one behaviour. */
export function soakTarget(number: number): string {
  return `/${behaviours[number % behaviours.length]!}/${objectBytes(number)}/s${number}`
}
