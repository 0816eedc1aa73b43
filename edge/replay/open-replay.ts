// The replay of this process, where its settings and the machine have one.
import type { EdgeConfig } from '../../config/settings.js'
import { replayMemory } from '../accept/engine.js'
import { Replay } from './replay.js'

/** Of the hot table, for each answer that may be given again. */
const answerBytes = 4_096

export function openReplay({ cache, limits }: Pick<EdgeConfig, 'cache' | 'limits'>): Replay | undefined {
  const answersMax = Math.floor(cache.hotBytesMax / answerBytes)
  if (!cache.replay || answersMax === 0) return undefined
  const memory = replayMemory(limits.headBytesMax, { answersMax, unsentBytesMax: limits.stalledBytesMax })
  return memory && new Replay(memory, answersMax)
}
