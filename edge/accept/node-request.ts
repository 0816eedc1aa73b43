// What Node's own server has read, in the form in which accept/read.ts takes requests of every engine.
import type { RequestSource } from './read.js'

/** Fields as received, flat, names in lower case, values as bytes (latin1); pseudo-fields of HTTP/2 among them. */
export interface ReceivedHead {
  method: string
  /** As received: perhaps absolute. */
  target: string
  fields: readonly string[]
  /** Of the connection: what a client of HTTP/1.0 that names no host gets. */
  localAuthority: string
  /** It may leave out Host (RFC 9112 3.2). */
  isHttp10: boolean
}

/** RFC 9112 3.2.2. */
const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/is

/** One field line for each that counts. */
export function requestSource({
  method,
  target,
  fields,
  localAuthority,
  isHttp10,
}: ReceivedHead): RequestSource {
  const [, authority, rest] = absoluteForm.exec(target) ?? []
  const path = rest === undefined ? target : rest.startsWith('/') ? rest : `/${rest}`
  const queryAt = path.indexOf('?')
  const lines = linesOf(fields, authority)
  if (authority !== undefined && !lines.some(([name]) => name === 'host')) lines.push(['host', authority])
  if (isHttp10 && !lines.some(([name]) => name === 'host')) lines.push(['host', localAuthority])
  return {
    getCaseSensitiveMethod: () => method,
    getUrl: () => (queryAt === -1 ? path : path.slice(0, queryAt)),
    getQuery: () => (queryAt === -1 ? undefined : path.slice(queryAt + 1)),
    forEach: each => {
      for (const [name, value] of lines) each(name, decoded(value))
    },
  }
}

function linesOf(fields: readonly string[], authority: string | undefined): [name: string, value: string][] {
  const lines: [string, string][] = []
  const cookies: string[] = []
  const isPseudo = fields[0]?.startsWith(':')
  for (let i = 0; i < fields.length; i += 2) {
    const [name, value] = [fields[i]!, fields[i + 1]!]
    // RFC 9113 8.3.1: it takes the place of Host.
    if (name === ':authority') lines.push(['host', value])
    else if (name.startsWith(':')) continue
    // RFC 9113 8.2.3: its crumbs are one field to everybody else.
    else if (name === 'cookie' && isPseudo) cookies.push(value)
    // RFC 9112 3.2.2: the Host of an absolute target is ignored.
    else if (name === 'host' && authority !== undefined) lines.push([name, authority])
    // The same twice is what some clients send; two that differ are refused as two.
    else if (name === 'host' && isPseudo && lines.some(line => line[0] === name && line[1] === value))
      continue
    else lines.push([name, value])
  }
  if (cookies.length > 0) lines.push(['cookie', cookies.join('; ')])
  return lines
}

const beyondAscii = /[\x80-\xff]/

/** As the path knows values: UTF-8. */
function decoded(value: string): string {
  return beyondAscii.test(value) ? Buffer.from(value, 'latin1').toString() : value
}
