// A worker process: one event loop with its listeners and the path (serve.ts), doing what the supervisor says
// (supervise/follow.ts). Started by the supervisor only.
import { startServing } from './serve.js'
import { runWorker } from './supervise/work.js'

runWorker(startServing)
