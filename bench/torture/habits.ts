// How the clients and the disturber of a torture behave: what is asked for, and what is done how often.
import { targetOf } from './content.js'
import { choose, type Disturbance } from './disturb.js'
import type { Random } from './random.js'

export interface Habits {
  /** Between two disturbances, give or take half of it. */
  betweenMs: number
  disturbance(random: Random): Disturbance
  /** What is asked for next, and by how many at once. */
  target(random: Random): { target: string; herd: number }
}

const BETWEEN_MS = 1_500
const HERD_MAX = 30
/** So many of the latest things are asked for again. */
const KNOWN = 60

/** Often what is known, sometimes something new, now and then by many at once. */
export function tortureHabits(): Habits {
  let newest = 0
  return {
    betweenMs: BETWEEN_MS,
    disturbance: random => choose(random),
    target(random) {
      const isNew = random.next() < 0.2
      if (isNew) newest += 1
      const number = isNew ? newest : Math.max(newest - random.whole(KNOWN), 0)
      return { target: targetOf(number, 't'), herd: random.next() < 0.05 ? 2 + random.whole(HERD_MAX) : 1 }
    },
  }
}
