// Stands a worker on the ground that the workers of its host share, if there is one to share it with. Without it the
// edge works as before: what collapses then is what comes to one worker.
import { availableParallelism } from 'node:os'
import { type EdgeConfig, workerCount } from '../config/settings.js'
import { nativeStatus } from '../native/index.js'
import type { Store } from './cache/store.js'
import { FillLogs } from './fetch/fill-log.js'
import { HostFills } from './fetch/host-fills.js'
import type { Making } from './optimise/job.js'
import { OptimiserLink } from './optimise/link.js'
import { optimiserSocket } from './optimise/socket-path.js'
import { fillSlots, joinGround } from './shared/join.js'
import { LatePurgeWord } from './shared/late-purge-word.js'
import type { Logger } from './usage/logger.js'
import { seldom } from './usage/seldom.js'

const troubleMs = 10_000

/** Undefined when this worker is to collapse on its own; when that is not as it should be, the log says why. */
export async function joinHost(
  config: EdgeConfig,
  log: Logger,
  store: Pick<Store, 'bodies' | 'hurry'>,
): Promise<HostFills | undefined> {
  if (workerCount(config, availableParallelism()) === 1) return undefined
  const native = nativeStatus()
  if (!native.isPresent) return alone(log, { cause: 'the native addon is not there' })
  try {
    return await joinOn(config.run.directory, log, store)
  } catch (err) {
    return alone(log, { err })
  }
}

/** Undefined where nobody can purge. Throws an EdgeError: who cannot hear of purges must not serve. */
export function joinPurges(config: EdgeConfig, log: Logger): LatePurgeWord | undefined {
  if (!nativeStatus().isPresent) return undefined
  const word = new LatePurgeWord({
    cacheDirectory: config.cache.directory,
    onFull: err => log.warn({ err }, 'nothing stored is used: there is no room for the word of the purges'),
    onReplaced: replaced => log.warn(replaced, 'a shared file could not be used: started anew'),
  })
  word.open()
  return word
}

async function joinOn(
  runDirectory: string,
  log: Logger,
  store: Pick<Store, 'bodies' | 'hurry'>,
): Promise<HostFills> {
  const onTrouble = seldom(troubleMs, (code, details) =>
    log.warn({ code, ...details }, 'the host is not well'),
  )
  let host: HostFills | undefined
  let logs: FillLogs | undefined
  const standing = await joinGround({
    runDirectory,
    slots: fillSlots,
    onFrame: (from, frame) => host?.heard(from, frame),
    onGone: owner => {
      host?.recheck()
      logs?.removeOf(owner).catch(onTrouble)
    },
    onTrouble,
  })
  const { ground, mesh, leave } = standing
  if (ground.replaced) log.warn(ground.replaced, 'a shared file could not be used: started anew')
  logs = new FillLogs(runDirectory, ground.group)
  const { bodies: stored } = store
  host = new HostFills({
    ground,
    mesh,
    leave,
    bodies: stored && { logs, stored, onTrouble },
    hurry: () => store.hurry?.(),
  })
  return host
}

function alone(log: Logger, details: Record<string, unknown>): undefined {
  log.warn(details, 'this worker does not share its fetches with the others of this host')
}

/** Where the supervisor of this worker has its optimiser, or will have it. */
export function joinOptimiser(config: EdgeConfig): Making {
  return new OptimiserLink(optimiserSocket(config, process.ppid))
}
