// Log lines that wait: the ready line of the edge is the first that it says.
import type { Logger } from '../usage/logger.js'

export type LineLog = Pick<Logger, 'info' | 'warn' | 'error'>

/** Of what waits; what comes then is not said. */
const linesMax = 1_000

export class PatientLog {
  readonly #log: Logger
  #waiting: (() => void)[] | undefined = []

  readonly lines: LineLog

  constructor(log: Logger) {
    this.#log = log
    this.lines = { info: this.#sayer('info'), warn: this.#sayer('warn'), error: this.#sayer('error') }
  }

  /** Says what has waited; from now on nothing waits. */
  open(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const say of waiting) say()
  }

  #sayer(level: keyof LineLog): Logger['info'] {
    return (...words: unknown[]) => {
      const say = () => Reflect.apply(this.#log[level], this.#log, words)
      if (this.#waiting === undefined) say()
      else if (this.#waiting.length < linesMax) this.#waiting.push(say)
    }
  }
}
