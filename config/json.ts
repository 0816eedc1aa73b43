// JSON text to a value, or the place and nature of its first fault. JSON.parse decides; its messages name no place
// for most faults, so a small scanner finds it. What the value means is for parse.ts.

export type JsonResult = { ok: true; value: unknown } | { ok: false; message: string }

type State = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'more' | 'end'

const expectation: Record<State, string> = {
  value: 'a value',
  valueOrEnd: 'a value or "]"',
  key: 'a key in double quotes',
  keyOrEnd: 'a key in double quotes or "}"',
  colon: '":" after the key',
  more: '"," or the closing bracket',
  end: 'the end of the text',
}

const wordOrNumber = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const whitespace = ' \t\n\r'

/** Never throws: a fault is a message with line and column (both from 1, in characters). */
export function readJson(text: string): JsonResult {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const fault = firstFault(text) ?? { offset: text.length, expected: 'JSON' }
    return { ok: false, message: describe(text, fault.offset, fault.expected) }
  }
}

/** Where the text stops being JSON (RFC 8259 2-7), or undefined when it does not. */
export function firstFault(text: string): { offset: number; expected: string } | undefined {
  const open: string[] = []
  let state: State = 'value'
  let offset = 0
  for (;;) {
    while (offset < text.length && whitespace.includes(text[offset]!)) offset++
    if (offset === text.length && state === 'end') return undefined
    const tokenEnd = endOfToken(text, offset)
    const next: State | undefined = tokenEnd > offset ? step(state, text[offset]!, open) : undefined
    if (next === undefined) return { offset, expected: expectation[state] }
    state = next
    offset = tokenEnd
  }
}

/** The state after a token that begins with `first`, or undefined when it may not stand here. Keeps `open` up to date. */
function step(state: State, first: string, open: string[]): State | undefined {
  if (state === 'colon') return first === ':' ? 'value' : undefined
  if (state === 'key' || state === 'keyOrEnd') {
    if (first === '"') return 'colon'
    return state === 'keyOrEnd' && first === '}' ? close(open) : undefined
  }
  if (state === 'more') {
    if (first === ',') return open.at(-1) === '{' ? 'key' : 'value'
    return first === (open.at(-1) === '{' ? '}' : ']') ? close(open) : undefined
  }
  if (state === 'valueOrEnd' && first === ']') return close(open)
  return state === 'end' ? undefined : stepInto(first, open)
}

function stepInto(first: string, open: string[]): State | undefined {
  if ('}],:'.includes(first)) return undefined
  if (first !== '{' && first !== '[') return open.length === 0 ? 'end' : 'more'
  open.push(first)
  return first === '{' ? 'keyOrEnd' : 'valueOrEnd'
}

function close(open: string[]): State {
  open.pop()
  return open.length === 0 ? 'end' : 'more'
}

/** The offset behind the token that begins at `offset`; `offset` itself when there is none. */
function endOfToken(text: string, offset: number): number {
  const first = text[offset]
  if (first === undefined) return offset
  if ('{}[],:'.includes(first)) return offset + 1
  if (first === '"') return endOfString(text, offset)
  wordOrNumber.lastIndex = offset
  return wordOrNumber.test(text) ? wordOrNumber.lastIndex : offset
}

/** A loop and no regular expression: those overflow on strings of some million characters. */
function endOfString(text: string, start: number): number {
  let offset = start + 1
  while (offset < text.length) {
    const code = text.charCodeAt(offset)
    if (code === 0x22) return offset + 1
    if (code < 0x20) return start
    if (code !== 0x5c) {
      offset++
      continue
    }
    escapeSequence.lastIndex = offset
    if (!escapeSequence.test(text)) return start
    offset = escapeSequence.lastIndex
  }
  return start
}

function describe(text: string, offset: number, expected: string): string {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  return `not JSON at line ${line} column ${column}: ${found(text, offset)}, expected ${expected}`
}

function found(text: string, offset: number): string {
  const character = text.codePointAt(offset)
  if (character === undefined) return 'the text ends'
  if (character === 0x22 && endOfToken(text, offset) === offset) {
    return 'a text in double quotes does not end on its line or has a wrong escape'
  }
  if (character === 0x2f) return 'a comment, which JSON does not have'
  if (character < 0x20 || character > 0x7e) return `character U+${character.toString(16).padStart(4, '0')}`
  return `found ${JSON.stringify(String.fromCodePoint(character))}`
}
