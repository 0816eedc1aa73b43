// The bare values of structured fields (RFC 9651 4.2.3.1 and below): a number, a string, a token... Every reader moves
// the cursor behind what it read, or returns undefined, and then the whole field has failed. Lists, dictionaries and
// parameters are structured-fields.ts's.

export type BareItem =
  | { type: 'integer' | 'decimal'; value: number }
  | { type: 'string' | 'token' | 'displayString'; value: string }
  | { type: 'boolean'; value: boolean }
  | { type: 'bytes'; value: Uint8Array }
  /** Whole seconds since the epoch. */
  | { type: 'date'; value: number }

/** Where a reader stands in the text of a field. */
export interface Cursor {
  readonly text: string
  at: number
}

const NUMBER = /-?(\d+)(?:\.(\d*))?/y
const TOKEN = /[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*/y
const KEY = /[a-z*][a-z0-9_\-.*]*/y
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y
const BYTES = /:([A-Za-z0-9+/]*)={0,2}:/y
const BOOLEAN = /\?([01])/y
const DISPLAY = /%"((?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*)"/y

/** RFC 9651 4.2.4: digits before the point, behind it, and of an integer. */
const WHOLE_DIGITS_MAX = 12
const FRACTION_DIGITS_MAX = 3
const INTEGER_DIGITS_MAX = 15

function match(pattern: RegExp, cursor: Cursor): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)
  if (found === null) return undefined
  cursor.at = pattern.lastIndex
  return found
}

function readNumber(cursor: Cursor): BareItem | undefined {
  const found = match(NUMBER, cursor)
  if (found === undefined) return undefined
  const [text, whole, fraction] = found
  // `-0` is the integer 0, which has no sign.
  const value = Number(text) + 0
  if (fraction === undefined) {
    return whole.length > INTEGER_DIGITS_MAX ? undefined : { type: 'integer', value }
  }
  const isLawful =
    whole.length <= WHOLE_DIGITS_MAX && fraction !== '' && fraction.length <= FRACTION_DIGITS_MAX
  return isLawful ? { type: 'decimal', value } : undefined
}

function readDate(cursor: Cursor): BareItem | undefined {
  cursor.at++
  const number = readNumber(cursor)
  return number?.type === 'integer' ? { type: 'date', value: number.value } : undefined
}

function readString(cursor: Cursor): BareItem | undefined {
  const found = match(STRING, cursor)
  return found && { type: 'string', value: found[1].replace(/\\(.)/g, '$1') }
}

/** RFC 9651 4.2.7: missing padding is forgiven, a lone sixth of a byte is not a byte. */
function readBytes(cursor: Cursor): BareItem | undefined {
  const found = match(BYTES, cursor)
  if (found === undefined || found[1].length % 4 === 1) return undefined
  return { type: 'bytes', value: new Uint8Array(Buffer.from(found[1], 'base64')) }
}

function readBoolean(cursor: Cursor): BareItem | undefined {
  const found = match(BOOLEAN, cursor)
  return found && { type: 'boolean', value: found[1] === '1' }
}

function readDisplayString(cursor: Cursor): BareItem | undefined {
  const found = match(DISPLAY, cursor)
  if (found === undefined) return undefined
  const octets = found[1].replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const bytes = Buffer.from(octets, 'latin1')
  const value = bytes.toString('utf8')
  // RFC 9651 4.2.10: octets that are no UTF-8 fail. They would come back as others.
  return Buffer.from(value, 'utf8').equals(bytes) ? { type: 'displayString', value } : undefined
}

function readToken(cursor: Cursor): BareItem | undefined {
  const found = match(TOKEN, cursor)
  return found && { type: 'token', value: found[0] }
}

/** The key of a member or parameter: lower-case letters first, so `Max-Age` is none (RFC 9651 4.2.3.3). */
export function readKey(cursor: Cursor): string | undefined {
  return match(KEY, cursor)?.[0]
}

/** The bare item at the cursor, its kind told by its first character (RFC 9651 4.2.3.1). */
export function readBareItem(cursor: Cursor): BareItem | undefined {
  switch (cursor.text[cursor.at]) {
    case '"':
      return readString(cursor)
    case ':':
      return readBytes(cursor)
    case '?':
      return readBoolean(cursor)
    case '@':
      return readDate(cursor)
    case '%':
      return readDisplayString(cursor)
    default:
      return readNumber(cursor) ?? readToken(cursor)
  }
}
