// The heads of responses that are like others before them: what can be said of such a head without reading it is said once,
// of its shape (native/answers.ts). Whoever needs more declines it, and gets it read whole.
import { type AnswerScanner, answerScanner, SeenAnswer } from '../../native/index.js'
import type { CacheRules } from '../cache/rules.js'
import { parseDate } from '../http/dates.js'
import { idleMaxMsOf } from './keep-alive.js'
import { parseHead } from './response-head.js'

export class AnswerShape {
  /** Lower case, in the order of the lines. */
  readonly names: readonly string[]
  /** RFC 9112 9.3. */
  readonly isPersistent: boolean
  readonly idleMaxMs: number
  /** What became of answers of this shape before, by the rules of their sites: see pass-known.ts. */
  readonly passages = new WeakMap<CacheRules, object>()

  /** `text`: as `parseHead`, which may throw. */
  constructor(text: string) {
    const { fields, isPersistent } = parseHead(text)
    const names = fields.filter((_, at) => at % 2 === 0).join('\n')
    // A copy: a text that was cut out of a head keeps all of it.
    this.names = Buffer.from(names.toLowerCase(), 'latin1').toString('latin1').split('\n')
    this.isPersistent = isPersistent
    this.idleMaxMs = idleMaxMsOf(fields)
  }
}

/** Valid while it is handed on, and not longer. */
export class KnownAnswer {
  readonly #scanner: AnswerScanner

  /** `contentLength`: undefined for a body in chunks; `dateMs`: undefined without a valid Date. */
  constructor(
    scanner: AnswerScanner,
    readonly status: number,
    readonly shape: AnswerShape,
    readonly headBytes: number,
    readonly contentLength: number | undefined,
    readonly dateMs: number | undefined,
  ) {
    this.#scanner = scanner
  }

  /** How many bytes `linesWith` may need. */
  roomBytes(behind: Uint8Array): number {
    return this.headBytes + roomBytes + behind.length
  }

  /** Writes its lines of these bits, `Name: value` and CRLF each, and what goes behind them; returns how many bytes. */
  linesWith([low, high]: LineMask, behind: Uint8Array, to: Uint8Array, at: number): number {
    const bytes = this.#scanner.keep(low, high, to, at, behind)
    if (bytes < 0) throw new Error('the head of an answer is gone')
    return bytes
  }
}

/** The lines of a head, bit by bit: the first 32, and the rest. */
export type LineMask = readonly [low: number, high: number]

/** See `AnswerScanner.keep`. */
const roomBytes = 128
const statusMask = 0x3ff

export class KnownAnswers {
  readonly #scanner: AnswerScanner
  /** By slot. */
  readonly #shapes: (AnswerShape | undefined)[] = []
  #dateMs: number | undefined

  constructor(scanner: AnswerScanner) {
    this.#scanner = scanner
  }

  /** Undefined for a head that is to be read whole. Throws as `parseHead`. */
  read(bytes: Buffer, at: number): KnownAnswer | undefined {
    const seen = this.#scanner.read(bytes, at)
    if (seen >= SeenAnswer.odd) return undefined
    const { places } = this.#scanner
    const headBytes = places[1]!
    if ((seen & SeenAnswer.hasDate) !== 0 && (seen & SeenAnswer.isSameDate) === 0)
      this.#learnDate(bytes, at + places[4]!)
    if ((seen & SeenAnswer.isNewShape) !== 0) this.#learnShape(bytes, at, headBytes)
    const shape = this.#shapes[places[0]!]
    if (shape === undefined) return undefined
    const length = (seen & SeenAnswer.hasLength) === 0 ? undefined : places[3]! * 2 ** 32 + places[2]!
    const dateMs = (seen & SeenAnswer.hasDate) === 0 ? undefined : this.#dateMs
    return new KnownAnswer(this.#scanner, seen & statusMask, shape, headBytes, length, dateMs)
  }

  /** Those of a second are the same, of all origins. */
  #learnDate(bytes: Buffer, at: number): void {
    this.#dateMs = parseDate(bytes.toString('latin1', at, at + dateBytes), Date.now())
  }

  #learnShape(bytes: Buffer, at: number, headBytes: number): void {
    const slot = this.#scanner.places[0]!
    this.#shapes[slot] = undefined
    // Without the empty line.
    this.#shapes[slot] = new AnswerShape(bytes.toString('latin1', at, at + headBytes - 2))
  }
}

/** Of an IMF-fixdate. */
const dateBytes = 29

const scanner = answerScanner()

/** Of this process; undefined when heads cannot be read so. */
export const knownAnswers = scanner && new KnownAnswers(scanner)
