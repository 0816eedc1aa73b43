// What stands behind the fields of a client that go on to an origin as they came: our own. The same for all requests to one
// host but for the client's address, so it is worked out once by what it must be (http/forward.ts).
import { type ForwardInput, requestToOrigin } from '../http/forward.js'
import { isLinesOf } from './outgoing.js'

/** Lines of a head, to be written around the client's address. */
export interface Envelope {
  readonly before: string
  readonly after: string
}

/** Of a GET or a HEAD that goes on as it came, without a body. */
export interface OrdinaryAsk {
  /** The value of Host. */
  host: string
  lines: string
  envelope: Envelope
  clientAddress: string
}

/** Of one site. */
export type EnvelopeInput = Pick<ForwardInput, 'scheme' | 'originalHost' | 'cdnId' | 'forwardedFor'>

/** Hosts of a site by wildcard may be many. */
const keptMax = 256
/** Where the address stands; no head has this. */
const mark = '\0'

export class Envelopes {
  readonly #kept = new Map<string, Envelope>()
  #last: Envelope | undefined
  #lastHost = ''
  #lastScheme = ''

  /** Undefined when it cannot be written as lines of one head. */
  around(input: EnvelopeInput): Envelope | undefined {
    const { scheme, originalHost } = input
    if (originalHost === this.#lastHost && scheme === this.#lastScheme) return this.#last
    this.#last = this.#find(input)
    this.#lastHost = originalHost
    this.#lastScheme = scheme
    return this.#last
  }

  #find(input: EnvelopeInput): Envelope | undefined {
    const key = `${input.scheme}://${input.originalHost}`
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const made = envelopeOf(input)
    if (made === undefined) return undefined
    if (this.#kept.size >= keptMax) this.#kept.clear()
    this.#kept.set(key, made)
    return made
  }
}

function envelopeOf(input: EnvelopeInput): Envelope | undefined {
  const fields = requestToOrigin({
    ...input,
    fields: [],
    method: 'GET',
    host: '',
    clientAddress: mark,
    conditions: [],
    dropConditions: true,
    dropRange: true,
  })
  let lines = ''
  // Behind Host, which is the first.
  for (let at = 2; at < fields.length; at += 2) lines += `${fields[at]}: ${fields[at + 1]}\r\n`
  const [before, after, ...more] = lines.split(mark)
  const isSound = more.length === 0 && isLinesOf(before! + after, fields.length / 2 - 1)
  return isSound ? { before: before!, after: after! } : undefined
}
