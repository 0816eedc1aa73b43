// A worker process: one event loop with its listeners and the path (serve.ts), on the ground of its host
// (join-host.ts), doing what the supervisor says (supervise/follow.ts). Started by the supervisor only.
import { joinHost, joinOptimiser, joinPurges } from '../join-host.js'
import { startServing } from '../serve.js'
import { runWorker } from '../supervise/work.js'

runWorker((config, options) =>
  startServing(config, { ...options, joinHost, joinOptimiser, openPurgeWord: joinPurges }),
)
