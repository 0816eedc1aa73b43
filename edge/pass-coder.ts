// Compresses an answer that only passes, while it passes: nothing of it is stored, so it is done anew each time, in the
// threads of the engine's own pool and no more of it than a budget allows.
import { type BrotliCompress, constants, createBrotliCompress, createGzip, type Gzip } from 'node:zlib'
import type { Answer } from './cache/answer.js'
import { wantsTransform } from './choose-form.js'
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import { chooseCoding, varyingByEncoding } from './http/content-codings.js'
import type { Fields } from './http/fields.js'
import type { Responder } from './respond/responder.js'

/** Node streams these; zstd saves no more at this speed. */
const codings = ['br', 'gzip'] as const
/** When nothing more has come for so long, what is there goes out. */
const flushMs = 10

/** Streams at once, and bytes of each second, of a worker. */
export class PassBudget {
  streams = 0
  #second = 0
  #bytes = 0

  constructor(private readonly limits: { passStreamsMax: number; passBytesMax: number }) {}

  mayBegin(nowMs: number): boolean {
    this.#turn(nowMs)
    return this.streams < this.limits.passStreamsMax && this.#bytes < this.limits.passBytesMax
  }

  took(bytes: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#bytes += bytes
  }

  #turn(nowMs: number): void {
    const second = Math.floor(nowMs / 1000)
    if (second === this.#second) return
    this.#second = second
    this.#bytes = 0
  }
}

export class PassCoder {
  readonly #stream: BrotliCompress | Gzip
  readonly #budget: PassBudget
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  /** `onRoom`: the origin may go on after `write` returned false. */
  constructor(
    coding: 'br' | 'gzip',
    { passing }: Pick<Edge, 'passing'>,
    responder: Responder,
    onRoom: () => void,
  ) {
    this.#budget = passing
    passing.streams += 1
    this.#stream = coding === 'br' ? brotli() : createGzip({ level: 5 })
    this.#stream.on('drain', onRoom)
    this.#stream.on('data', (chunk: Buffer) => {
      if (responder.state !== 'streaming') return this.stop()
      if (!responder.write(chunk)) this.#stream.pause()
    })
    this.#stream.on('end', () => {
      this.stop()
      responder.end()
    })
    this.#stream.on('error', () => {
      this.stop()
      responder.abort()
    })
  }

  /** Copies the chunk. */
  write(chunk: Buffer): boolean {
    if (this.#isOver) return true
    this.#budget.took(chunk.length, Date.now())
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#stream.flush(), flushMs)
    return this.#stream.write(Buffer.from(chunk))
  }

  /** The client takes more. */
  resume(): void {
    if (!this.#isOver) this.#stream.resume()
  }

  /** Nothing follows. */
  end(): void {
    clearTimeout(this.#timer)
    if (!this.#isOver) this.#stream.end()
  }

  /** Nobody wants the rest. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#budget.streams -= 1
    clearTimeout(this.#timer)
    this.#stream.destroy()
  }
}

function brotli(): BrotliCompress {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 19 }
  return createBrotliCompress({ params })
}

/** The coding in which an answer passes that is not stored; undefined: as it came. */
export function passCoding(edge: Edge, x: Exchange, answer: Answer): 'br' | 'gzip' | undefined {
  const { forms } = x.site!.rules
  const { acceptEncoding, method, marks, responder } = x
  if (forms === undefined || acceptEncoding === undefined || method !== 'GET') return undefined
  if ((marks & Mark.range) !== 0 || responder.state !== 'open' || !wantsTransform(x)) return undefined
  if (!forms.mayPassCoded(answer.status, answer.fields, answer.cacheControl.noTransform)) return undefined
  const offered = codings.filter(coding => forms.config.codings.includes(coding))
  const coding = chooseCoding(acceptEncoding, offered)
  if (coding === 'identity' || coding === 'zstd') return undefined
  return edge.passing.mayBegin(Date.now()) ? coding : undefined
}

/** What is true of the bytes that came is not of those that go. */
const ofTheBytes = new Set([
  'content-length',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'accept-ranges',
])

/** The same answer with the head of the coded one. */
export function passCoded(answer: Answer, coding: string): Answer {
  return { ...answer, fields: passCodedFields(answer.fields, coding), forms: undefined }
}

/** Its tag is weak, as the bytes are not the same each time (RFC 9110 8.8.1). */
function passCodedFields(fields: Fields, coding: string): Fields {
  const kept: string[] = []
  for (let at = 0; at < fields.length; at += 2) {
    const [name, value] = [fields[at]!, fields[at + 1]!]
    const known = name.toLowerCase()
    if (ofTheBytes.has(known)) continue
    kept.push(name, known === 'etag' && value.startsWith('"') ? `W/${value}` : value)
  }
  return varyingByEncoding([...kept, 'Content-Encoding', coding])
}
