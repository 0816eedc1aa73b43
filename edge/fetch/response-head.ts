// The head of a response as text, once it is whole: RFC 9112 4 and 5, as strict as they are, and where its body ends
// (RFC 9112 6.3). Nothing here knows of connections.
import type { Fields } from '../http/fields.js'
import { mayHaveBody } from '../http/status.js'
import { badResponse } from './origin-error.js'

/** Lines of one head. */
export const fieldLinesMax = 256

/** Where the body ends: at once, after so many bytes, with its last chunk, or with the connection. */
export type Framing =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  | { kind: 'close' }

export interface ResponseHead {
  status: number
  /** Name, value, name, value, as received but for the white space around values. */
  fields: string[]
  /** RFC 9112 9.3: the origin lets the connection be used again. */
  isPersistent: boolean
}

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Bare CR and LF (RFC 9112 2.2), and whatever else RFC 9110 5.5 has no place for.
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/

/** `text`: latin1, from the status line to the CRLF of the last line. Throws `bad-response`. */
export function parseHead(text: string): ResponseHead {
  if (forbidden.test(text)) throw badResponse('a control character in its head')
  const lines = text.split('\r\n')
  const said = statusLine.exec(lines[0]!)
  if (said === null) throw badResponse('a malformed status line')
  if (lines.length - 2 > fieldLinesMax) throw badResponse(`more than ${fieldLinesMax} fields`)
  const fields: string[] = []
  for (let at = 1; at < lines.length - 1; at++) parseLine(lines[at]!, fields)
  const isPersistent = said[1] === '1' && !hasMember(fields, 'connection', 'close')
  return { status: Number(said[2]), fields, isPersistent }
}

function parseLine(line: string, into: string[]): void {
  const colon = line.indexOf(':')
  // A line that begins with white space continues the one before it, which no one may send (RFC 9112 5.2).
  const name = line.slice(0, Math.max(0, colon))
  if (!token.test(name)) throw badResponse('a malformed field')
  into.push(name, trimmed(line, colon + 1))
}

/** From `from` to the end, without the spaces and tabs around it. */
function trimmed(line: string, from: number): string {
  let first = from
  let end = line.length
  while (first < end && isBlank(line.charCodeAt(first))) first += 1
  while (end > first && isBlank(line.charCodeAt(end - 1))) end -= 1
  return line.slice(first, end)
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

function hasMember(fields: Fields, name: string, member: string): boolean {
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at]!.length !== name.length || fields[at]!.toLowerCase() !== name) continue
    if (
      fields[at + 1]!.toLowerCase()
        .split(',')
        .some(word => word.trim() === member)
    )
      return true
  }
  return false
}

export interface FramingQuestion {
  method: string
  status: number
  fields: Fields
  /** Whether a coding that we do not know may be read to the close (http-rules.md 11). */
  allowUnknownTransferCoding: boolean
}

/** RFC 9112 6.3, and 6.1: both fields, or lengths that differ, are an attempt at smuggling. Throws `bad-response`. */
export function framingOf({ method, status, fields, allowUnknownTransferCoding }: FramingQuestion): Framing {
  let coding: string | undefined
  let length: number | undefined
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!
    // Both names are longer than most, and of two lengths.
    if (name.length === 14 && name.toLowerCase() === 'content-length')
      length = sameLength(length, fields[at + 1]!)
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      coding = coding === undefined ? fields[at + 1]! : `${coding}, ${fields[at + 1]!}`
    }
  }
  if (coding !== undefined && length !== undefined) throw badResponse('Content-Length with Transfer-Encoding')
  const isKnown = coding === undefined || coding.toLowerCase() === 'chunked'
  if (!isKnown && !allowUnknownTransferCoding) throw badResponse('a transfer coding that was not asked for')
  if (method === 'HEAD' || !mayHaveBody(status)) return { kind: 'none' }
  if (coding !== undefined) return { kind: isKnown ? 'chunked' : 'close' }
  if (length === undefined) return { kind: 'close' }
  return length === 0 ? { kind: 'none' } : { kind: 'length', bytes: length }
}

function sameLength(before: number | undefined, value: string): number {
  let length = before
  // RFC 9110 8.6: the same number several times is one.
  for (const word of value.split(',')) {
    const digits = word.trim()
    const bytes = Number(digits)
    if (!/^[0-9]+$/.test(digits) || !Number.isSafeInteger(bytes))
      throw badResponse('a malformed Content-Length')
    if (length !== undefined && length !== bytes) throw badResponse('Content-Lengths that differ')
    length = bytes
  }
  return length!
}
