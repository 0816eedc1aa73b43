// The head of a response as text, once it is whole: RFC 9112 4 and 5, as strict as they are, and where its body ends
// (RFC 9112 6.3). Nothing here knows of connections.
import { type Fields, isNamed } from '../http/fields.js'
import { parseContentLength } from '../http/framing.js'
import { mayHaveBody } from '../http/status.js'
import { isTokenCode } from '../http/tokens.js'
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

const carriageReturn = 13
const lineFeed = 10
const colon = 58
const zero = 48

/** `text`: latin1, from the status line to the CRLF of the last line. Throws `bad-response`. */
export function parseHead(text: string): ResponseHead {
  let end = endOfLine(text, 0)
  const status = statusOf(text, end)
  const fields: string[] = []
  while (end + 2 < text.length) {
    if (fields.length >= 2 * fieldLinesMax) throw badResponse(`more than ${fieldLinesMax} fields`)
    end = readField(text, end + 2, fields)
  }
  return { status, fields, isPersistent: text[7] === '1' && !hasMember(fields, 'connection', 'close') }
}

/** RFC 9112 4: `HTTP/1.1 200 OK`, of which the words, and the space before them, may be missing. */
function statusOf(text: string, end: number): number {
  const version = text.charCodeAt(7)
  const isHttp = text.startsWith('HTTP/1.') && (version === zero || version === zero + 1) && text[8] === ' '
  const isWhole = end === 12 || (end > 12 && text[12] === ' ')
  let status = 0
  for (let at = 9; at < 12; at += 1) {
    const digit = text.charCodeAt(at) - zero
    status = digit >= 0 && digit <= 9 ? status * 10 + digit : Number.NaN
  }
  if (!isHttp || !isWhole || !(status >= 100)) throw badResponse('a malformed status line')
  return status
}

/** Where the CRLF of the line that holds `from` begins. */
function endOfLine(text: string, from: number): number {
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at)
    if (code >= 32 && code !== 127) continue
    if (code === carriageReturn && text.charCodeAt(at + 1) === lineFeed) return at
    // Bare CR and LF (RFC 9112 2.2), and whatever else RFC 9110 5.5 has no place for; NaN is the end of the text.
    if (code !== 9) throw badResponse('a control character in its head')
  }
}

/** Takes one line; returns where its CRLF begins. */
function readField(text: string, from: number, into: string[]): number {
  let at = from
  while (isTokenCode(text.charCodeAt(at))) at += 1
  const end = endOfLine(text, at)
  // A line that begins with white space continues the one before it, which no one may send (RFC 9112 5.2).
  if (at === from || text.charCodeAt(at) !== colon) throw badResponse('a malformed field')
  let first = at + 1
  let last = end
  while (first < last && isBlank(text.charCodeAt(first))) first += 1
  while (last > first && isBlank(text.charCodeAt(last - 1))) last -= 1
  into.push(text.slice(from, at), text.slice(first, last))
  return end
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

function hasMember(fields: Fields, name: string, member: string): boolean {
  for (let at = 0; at < fields.length; at += 2) {
    if (!isNamed(fields[at]!, name)) continue
    const value = fields[at + 1]!.toLowerCase()
    if (value === member) return true
    if (value.includes(',') && value.split(',').some(word => word.trim() === member)) return true
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
  const plain = parseContentLength(value)
  if (plain !== undefined && before === undefined) return plain
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
