// The processes beside the workers: the keeper and the optimiser.
import type { EdgeConfig } from '../../config/settings.js'
import type { Logger } from '../usage/logger.js'
import { KeeperSlot } from './keeper-slot.js'
import { OptimiserSlot } from './optimiser-slot.js'
import type { SupervisorOptions } from './options.js'

export class Helpers {
  readonly keeper: KeeperSlot
  readonly optimiser: OptimiserSlot

  constructor(options: Pick<SupervisorOptions, 'keeper' | 'optimiser' | 'cores'>, log: Logger) {
    this.keeper = new KeeperSlot(options, log)
    this.optimiser = new OptimiserSlot(options.optimiser, log)
  }

  /** From now on there are both, with this configuration. */
  start(config: EdgeConfig): void {
    this.keeper.start(config)
    this.optimiser.start(config)
  }

  /** Resolves when both are gone. */
  async stop(): Promise<void> {
    await Promise.all([this.keeper.stop(), this.optimiser.stop()])
  }

  /** The same, at once. */
  async kill(): Promise<void> {
    await Promise.all([this.keeper.kill(), this.optimiser.kill()])
  }

  status() {
    return { keeper: this.keeper.status(), optimiser: this.optimiser.status() }
  }
}
