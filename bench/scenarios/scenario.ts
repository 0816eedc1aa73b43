// What a scenario is: cases to put under load, and what an answer must look like before anything is measured.
import type { Answer } from '../request.js'

/** The ratio that the project promises against one peer. */
export interface Bar {
  peer: string
  ratioMax: number
}

export interface Case {
  /** Unique in its scenario, such as `1 KB`. */
  name: string
  /** The target to ask for, starting with a slash. */
  target: string
  bodyBytes: number
  connections: number
  bar?: Bar
}

export interface Scenario {
  readonly name: string
  /** One line for --help and above the table. */
  readonly summary: string
  readonly cases: readonly Case[]
  /** What is wrong with an answer that came after the first one, as part of a sentence; undefined when it is right. */
  objection(answer: Answer): string | undefined
}
