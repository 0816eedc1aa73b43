// What is measured of a whole host, unlike the scenarios of compare.ts: not CPU time per request, but a bound that holds or
// does not.
import type { Processes } from '../processes.js'

export interface Scale {
  clients: number
  rounds: number
  seconds: number
}

export interface Outcome {
  /** For the terminal. */
  lines: string[]
  /** Whether the project's promise holds in this run. */
  isKept: boolean
  samples: unknown
}

export interface Measurement {
  readonly name: string
  readonly summary: string
  /** Throws a Problem when something answers wrongly. */
  run(processes: Processes, scale: Scale): Promise<Outcome>
}
