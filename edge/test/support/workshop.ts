// The optimiser of a play, in the process of the test: the real workshop with its threads, on the store of the edge.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { Workshop } from '../../optimise/workshop.js'
import type { ServeOptions } from '../../serve.js'

/** Of the threads. */
export const workFile = fileURLToPath(new URL('../../optimise/work.js', import.meta.url))

export interface TestOptimiser {
  readonly joinOptimiser: NonNullable<ServeOptions['joinOptimiser']>
  /** Made when the edge is. */
  workshop(): Workshop
  /** What could not be made, though it should. */
  readonly troubles: unknown[]
}

export function optimiser(t: Test): TestOptimiser {
  let workshop: Workshop | undefined
  const troubles: unknown[] = []
  return {
    troubles,
    workshop: () => workshop!,
    joinOptimiser: (config, _log, store) => {
      workshop = new Workshop({
        store,
        config: { ...config.optimise, threads: Math.min(2, availableParallelism()) },
        identity: config.cdnId,
        workFile,
        isIdle: false,
        onTrouble: error => troubles.push(error),
      })
      t.teardown(() => workshop!.close())
      return workshop
    },
  }
}
