// The smallest parts of field syntax (RFC 9110 5.6): tokens, optional whitespace, lists, quoted strings, delta-seconds.
// Every function is total: any string in, a value out. What a member means is left to the file of its field.

const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~"

/** 1 for the codes of `tchar` (RFC 9110 5.6.2). Codes over 127 read as undefined or 0, which is not 1. */
const TOKEN_CODES = new Uint8Array(256)
for (let code = 0x30; code <= 0x39; code++) TOKEN_CODES[code] = 1
for (let code = 0x41; code <= 0x5a; code++) TOKEN_CODES[code] = TOKEN_CODES[code + 0x20] = 1
for (const character of TOKEN_PUNCTUATION) TOKEN_CODES[character.charCodeAt(0)] = 1

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c

/** RFC 9111 1.2.2: what a delta-seconds value saturates at. */
export const DELTA_SECONDS_MAX = 2 ** 31

/** True for the codes of `tchar` (RFC 9110 5.6.2); NaN is none. */
export function isTokenCode(code: number): boolean {
  return TOKEN_CODES[code] === 1
}

/** True when `text` is a token (RFC 9110 5.6.2); the empty string is none. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (TOKEN_CODES[text.charCodeAt(i)] !== 1) return false
  }
  return text.length > 0
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** `text` without spaces and tabs at both ends (RFC 9110 5.6.3). Other white space is content, unlike in `trim()`. */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/**
 * The parts of `text` between separators that stand outside quoted strings, trimmed, empty parts dropped.
 * A quoted string that is never closed reaches to the end.
 */
function splitOutsideQuotes(text: string, separator: number): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? separator : text.charCodeAt(i)
    if (i === text.length || (code === separator && !quoted)) {
      const part = trimSpace(text.slice(start, i))
      if (part !== '') parts.push(part)
      start = i + 1
    } else if (code === QUOTE) quoted = !quoted
    else if (code === BACKSLASH && quoted) i = Math.min(i + 1, text.length - 1)
  }
  return parts
}

/** The members of a list-based field (RFC 9110 5.6.1). Commas inside quoted strings do not separate. */
export function splitList(value: string): string[] {
  return splitOutsideQuotes(value, COMMA)
}

/** A member and its parameters: `a;q=1` gives `['a', 'q=1']` (RFC 9110 5.6.6). */
export function splitParameters(member: string): string[] {
  return splitOutsideQuotes(member, 0x3b)
}

/** The content of a quoted string with its escapes undone (RFC 9110 5.6.4), or undefined when `text` is not exactly one. */
export function unquote(text: string): string | undefined {
  if (text.length < 2 || text.charCodeAt(0) !== QUOTE) return undefined
  let content = ''
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i === text.length - 1 ? content : undefined
    if (code === BACKSLASH && ++i === text.length) return undefined
    content += text[i]
  }
  return undefined
}

/** The value of a string of digits and nothing else, `DELTA_SECONDS_MAX` at most, or undefined (RFC 9111 1.2.2). */
export function parseDeltaSeconds(text: string): number | undefined {
  if (text === '') return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    value = Math.min(value * 10 + digit, DELTA_SECONDS_MAX)
  }
  return value
}

/** The quality of a member's parameters (RFC 9110 12.4.2) from 0 to 1: 1 when absent, 0 when malformed. */
export function quality(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    if (parameter[0] !== 'q' && parameter[0] !== 'Q') continue
    if (parameter[1] !== '=') continue
    const text = parameter.slice(2)
    return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0
  }
  return 1
}
