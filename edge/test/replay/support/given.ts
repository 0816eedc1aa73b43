// How many answers were given ahead of the engine, in this process.
import { ReplayMemory } from '../../../../native/replay.js'

export const given = { hits: 0, memory: undefined as ReplayMemory | undefined }

const take = ReplayMemory.prototype.takeCounts
ReplayMemory.prototype.takeCounts = function (this: ReplayMemory) {
  const counts = take.call(this)
  given.memory = this
  given.hits += counts.hits
  return counts
}
