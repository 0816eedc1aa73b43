// Opens the store of a cache directory as all processes that serve or fill it do.
import { availableParallelism } from 'node:os'
import { type EdgeConfig, workerCount } from '../config/settings.js'
import { openStore } from './cache/bodied-store.js'
import type { Store } from './cache/store.js'
import type { Logger } from './usage/logger.js'

/** Throws what opening the store throws. */
export function openDisk(config: EdgeConfig, log: Logger): Store {
  const { directory, bytesMax, hotBytesMax, fillBytesMax, evictedReadMaxMs, closeTimeoutMs } = config.cache
  return openStore({
    directory,
    bytesMax,
    hotBytesMax,
    writeQueueBytesMax: fillBytesMax,
    diskReadsMax: config.limits.diskReadsMax,
    evictedReadMaxMs,
    closeTimeoutMs,
    workers: writerCount(config, availableParallelism()),
    log: (level, message, details) => log[level](details, message),
  })
}

/** Processes that write bodies of what comes new: the workers, and the optimiser. */
export function writerCount(config: EdgeConfig, cores: number): number {
  return workerCount(config, cores) + 1
}
