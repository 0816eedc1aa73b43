// Makes this process a worker: its channel, its log, and what it serves with. worker.ts gives the real serving,
// plays give small ones.
import { createLogger } from '../usage/logger.js'
import { processChannel } from './channel.js'
import { follow, type StartServing } from './follow.js'
import { logDescriptor } from './spawn.js'

/** Follows the supervisor that forked this process; without one there is nothing to follow and it exits 1. */
export function runWorker(startServing: StartServing): void {
  const channel = processChannel()
  if (!channel) {
    console.error('naij-edge: a worker is started by its supervisor: run main.js')
    process.exit(1)
  }
  follow({
    channel,
    startServing,
    makeLog: ({ slot, config }) =>
      createLogger({
        level: config.log.level,
        bufferBytesMax: config.log.bufferBytesMax,
        slot,
        destination: logDescriptor,
      }),
  })
}
