// Messages as clients may send them, byte by byte, and what has to come of each (http-rules.md A): what the client sees,
// on either engine, and what the origin does. `/~~` is the target of the row; whatever reaches the origin under another
// one was smuggled.

import { bodies, codings, framingOfChunks, lengths } from './message-bodies.js'
import { fields, hosts, lines, rest, targets } from './message-heads.js'
import type { Row, Seen } from './message-parts.js'

export interface Message {
  readonly name: string
  readonly bytes: string
  readonly uws: Seen
  readonly node: Seen
  /** Method and body of each request at the origin; of what is not answered with 200 it is the most that it may hear. */
  readonly origin: readonly string[]
}

function messagesOf(group: string, rows: readonly Row[]): Message[] {
  return rows.map(([name, bytes, seen, ...origin]) => {
    const { uws, node } = 'uws' in seen ? seen : { uws: seen, node: seen }
    return { name: `${group}: ${name}`, bytes, uws, node, origin }
  })
}

export const messages: readonly Message[] = [
  ...messagesOf('length', lengths),
  ...messagesOf('coding', codings),
  ...messagesOf('chunks', bodies),
  ...messagesOf('host', hosts),
  ...messagesOf('target', targets),
  ...messagesOf('line', lines),
  ...messagesOf('field', fields),
  ...messagesOf('other', rest),
]

/** The engine uws does not check these (edge/README.md): there only that nothing comes after them counts. */
export const chunkMessages: readonly Message[] = messagesOf('chunk framing', framingOfChunks)
