// The optimiser's end of the channel: opens the store and the socket as the supervisor says, and reports. The process
// around it is supervise/channel.ts's, what it does workshop.ts's.
import type { Server } from 'node:net'
import { setPriority } from 'node:os'
import { giveWay } from '../../native/index.js'
import { openDisk } from '../open-disk.js'
import { type Channel, processChannel } from '../supervise/channel.js'
import { residentBytes } from '../supervise/resident.js'
import { createLogger } from '../usage/logger.js'
import { openHatch } from './hatch.js'
import type { FromOptimiser, ToOptimiser } from './messages.js'
import { removeLeft } from './socket-path.js'
import { Workshop } from './workshop.js'

/** Whoever serves goes first: of all that wait for a core this is the last. */
const niceness = 19
const reportEveryMs = 1_000
/** What stopping may take before the process goes anyway. */
const leaveMs = 1_500

/** Makes this process the optimiser; without a supervisor there is nothing to do and it exits 1. */
export function runOptimiser(workFile: string): void {
  const channel = processChannel<FromOptimiser, ToOptimiser>()
  if (!channel) {
    console.error('naij-edge: an optimiser is started by its supervisor: run main.js')
    process.exit(1)
  }
  setPriority(niceness)
  giveWay()
  const follower = new Follower(channel, workFile)
  channel.onMessage(message => (message.type === 'start' ? follower.start(message) : void follower.leave()))
  channel.onLeave(() => void follower.leave())
  channel.onFatal(error => {
    console.error(error)
    channel.exit(1)
  })
}

class Follower {
  readonly #channel: Channel<FromOptimiser, ToOptimiser>
  readonly #workFile: string
  #close: () => Promise<void> = async () => {}
  #isLeaving = false

  constructor(channel: Channel<FromOptimiser, ToOptimiser>, workFile: string) {
    this.#channel = channel
    this.#workFile = workFile
  }

  start(message: Extract<ToOptimiser, { type: 'start' }>): void {
    this.#start(message).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error)
      this.#channel.send({ type: 'failed', message: text }, () => this.#channel.exit(1))
    })
  }

  async leave(): Promise<void> {
    if (this.#isLeaving) return
    this.#isLeaving = true
    setTimeout(() => this.#channel.exit(1), leaveMs).unref()
    await this.#close()
    this.#channel.exit(0)
  }

  async #start({ config, socket }: Extract<ToOptimiser, { type: 'start' }>): Promise<void> {
    const { level, bufferBytesMax } = config.log
    const { log } = createLogger({ level, bufferBytesMax, name: 'optimiser' })
    // What is made here is read elsewhere.
    const store = openDisk({ ...config, cache: { ...config.cache, hotBytesMax: 0 } }, log)
    const workshop = new Workshop({
      store,
      config: config.optimise,
      identity: config.cdnId,
      workFile: this.#workFile,
      isIdle: true,
      onTrouble: (err, { work, site }) => log.warn({ err, work, site }, 'a form could not be made'),
    })
    removeLeft(config.run.directory)
    const server: Server = await openHatch(socket, workshop)
    this.#close = async () => {
      server.close()
      await workshop.close()
      await store.close()
    }
    setInterval(() => {
      this.#channel.send({ type: 'report', totals: workshop.totals(), residentBytes: residentBytes() })
    }, reportEveryMs).unref()
  }
}
