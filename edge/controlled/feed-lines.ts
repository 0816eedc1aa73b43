// The feed of control, as an edge reads it: lines of JSON, checked before anything is done with them. Those that have come
// together are given together.
import type { IncomingMessage } from 'node:http'
import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import { EdgeError } from '../error.js'

const integer = Type.Integer({ minimum: 0 })
const purge = {
  id: Type.String(),
  kind: Type.String(),
  site: Type.Union([Type.String(), Type.Null()]),
  items: Type.Array(Type.String()),
  soft: Type.Boolean(),
}
const hello = Type.Object({
  type: Type.Literal('hello'),
  epoch: integer,
  position: integer,
  revision: integer,
})
const beat = Type.Object({ type: Type.Literal('beat'), position: integer })
const site = Type.Object({
  type: Type.Literal('site'),
  position: integer,
  revision: integer,
  name: Type.String(),
  config: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
})
const purged = Type.Object({ type: Type.Literal('purge'), position: integer, ...purge })
const counted = Type.Object({ type: Type.Literal('count'), ...purge })
const orNull = Type.Union([Type.String(), Type.Null()])
const tails = Type.Object({
  type: Type.Literal('tails'),
  tails: Type.Array(
    Type.Object({
      id: Type.String(),
      sites: Type.Union([Type.Array(Type.String()), Type.Null()]),
      status: orNull,
      cacheStatus: orNull,
      path: orNull,
      samplePercent: Type.Number({ minimum: 0, maximum: 100 }),
    }),
  ),
})
const forms = { hello, beat, site, purge: purged, count: counted, tails }

export type FeedLine =
  | Static<typeof hello>
  | Static<typeof beat>
  | Static<typeof site>
  | Static<typeof purged>
  | Static<typeof counted>
  | Static<typeof tails>

/** One site, or a purge of many long URLs. */
const lineBytesMax = 32 * 1024 * 1024

/** Rejects with an EdgeError when it breaks off, or is not what it should be; ends when control ends it. */
export async function* feedLines(response: IncomingMessage): AsyncGenerator<FeedLine[]> {
  const splitter = new LineSplitter()
  try {
    for await (const piece of response) {
      const lines = splitter.push(piece as Buffer)
      if (lines.length > 0) yield lines.flatMap(readLine)
    }
  } catch (cause) {
    if (cause instanceof EdgeError) throw cause
    throw broken((cause as Error).message, cause)
  }
}

/** Nothing for a type that a later control may say: this edge need not know it. */
export function readLine(text: string): FeedLine[] {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch (cause) {
    throw broken(`a line of the feed is no JSON: ${text.slice(0, 100)}`, cause)
  }
  const type = (line as { type?: unknown } | null)?.type
  if (typeof type !== 'string') throw broken(`a line of the feed has no type: ${text.slice(0, 100)}`)
  if (!Object.hasOwn(forms, type)) return []
  if (!Check(forms[type as keyof typeof forms], line))
    throw broken(`a line of the feed is not what it should be: ${text.slice(0, 100)}`)
  return [line as FeedLine]
}

export class LineSplitter {
  #pieces: Buffer[] = []
  #bytes = 0

  /** Whole lines, without their ends. */
  push(piece: Buffer): string[] {
    const end = piece.lastIndexOf(0x0a)
    if (end === -1) {
      this.#keep(piece)
      return []
    }
    const text = Buffer.concat([...this.#pieces, piece.subarray(0, end)]).toString()
    this.#pieces = []
    this.#bytes = 0
    this.#keep(piece.subarray(end + 1))
    return text.split('\n').filter(line => line !== '')
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return
    this.#bytes += piece.length
    if (this.#bytes > lineBytesMax) throw broken(`a line of the feed has more than ${lineBytesMax} bytes`)
    this.#pieces.push(piece)
  }
}

function broken(message: string, cause?: unknown): EdgeError {
  return new EdgeError('control-broken', message, { source: 'edge', status: 503, retry: true, cause })
}
