// The access log's lines of what is given again: written by the addon, and put here into the log, in front of every line that the
// path writes.
import type { ReplayMemory } from '../../native/index.js'
import type { Exchange } from '../exchange.js'
import type { AccessLog } from '../usage/log.js'
import { writeBytesMax } from '../usage/logger.js'

export interface ReplayLinesOptions {
  /** Into the log, whole lines. */
  write: (lines: string) => void
  /** Of lines that wait to be taken: above it nothing is given again until they are. */
  waitingBytesMax: number
}

export class ReplayLines {
  readonly #memory: ReplayMemory
  readonly #log: AccessLog
  readonly #write: (lines: string) => void
  readonly #chunk = Buffer.alloc(writeBytesMax)

  constructor(memory: ReplayMemory, log: AccessLog, { write, waitingBytesMax }: ReplayLinesOptions) {
    this.#memory = memory
    this.#log = log
    this.#write = write
    const { frame } = log
    if (frame === undefined) return
    memory.log({ ...frame, bytesMax: waitingBytesMax })
    log.before = () => this.take()
  }

  clientPart(address: string): string {
    return this.#log.clientPart(address)
  }

  answerPart(x: Exchange): Buffer {
    return Buffer.from(this.#log.answerPart(x))
  }

  take(): void {
    const chunk = this.#chunk
    while (this.#memory.linesBytes > 0) {
      const length = this.#memory.takeLines(chunk)
      this.#write(chunk.toString('utf8', 0, length))
    }
  }
}
