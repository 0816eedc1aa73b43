// Structured fields (RFC 9651, before it RFC 8941): the lists and dictionaries that targeted cache control and cache
// groups are written in. Strict: any error fails the whole field, and then it is as if absent. The bare values are
// structured-values.ts's, what a key means its field's.
import { type BareItem, type Cursor, readBareItem, readKey } from './structured-values.js'

export type Parameters = Map<string, BareItem>

export type Item =
  | (BareItem & { parameters: Parameters })
  | { type: 'innerList'; value: (BareItem & { parameters: Parameters })[]; parameters: Parameters }

type SingleItem = BareItem & { parameters: Parameters }

function skip(cursor: Cursor, characters: string): void {
  while (cursor.at < cursor.text.length && characters.includes(cursor.text[cursor.at])) cursor.at++
}

/** True, and the cursor behind it, when `character` is next. */
function take(cursor: Cursor, character: string): boolean {
  if (cursor.text[cursor.at] !== character) return false
  cursor.at++
  return true
}

/** RFC 9651 4.2.3.2: of a repeated key the last value counts. */
function readParameters(cursor: Cursor): Parameters | undefined {
  const parameters: Parameters = new Map()
  while (take(cursor, ';')) {
    skip(cursor, ' ')
    const key = readKey(cursor)
    if (key === undefined) return undefined
    const value: BareItem | undefined = take(cursor, '=')
      ? readBareItem(cursor)
      : { type: 'boolean', value: true }
    if (value === undefined) return undefined
    parameters.set(key, value)
  }
  return parameters
}

function readSingle(cursor: Cursor): SingleItem | undefined {
  const bare = readBareItem(cursor)
  const parameters = bare && readParameters(cursor)
  return parameters && { ...bare, parameters }
}

function readInnerList(cursor: Cursor): Item | undefined {
  const value: SingleItem[] = []
  while (cursor.at < cursor.text.length) {
    skip(cursor, ' ')
    if (take(cursor, ')')) {
      const parameters = readParameters(cursor)
      return parameters && { type: 'innerList', value, parameters }
    }
    const item = readSingle(cursor)
    const next = cursor.text[cursor.at]
    // RFC 9651 4.2.1.2: members are separated by spaces.
    if (item === undefined || (next !== ' ' && next !== ')')) return undefined
    value.push(item)
  }
  return undefined
}

function readMember(cursor: Cursor): Item | undefined {
  return take(cursor, '(') ? readInnerList(cursor) : readSingle(cursor)
}

/** A member of a dictionary behind its key: without `=` it is true (RFC 9651 4.2.2). */
function readMemberValue(cursor: Cursor): Item | undefined {
  if (take(cursor, '=')) return readMember(cursor)
  const parameters = readParameters(cursor)
  return parameters && { type: 'boolean', value: true, parameters }
}

/** Reads comma-separated members to the end with `readOne`, which says whether it could. */
function readMembers(text: string, readOne: (cursor: Cursor) => boolean): boolean {
  const cursor: Cursor = { text, at: 0 }
  skip(cursor, ' ')
  while (cursor.at < text.length) {
    if (!readOne(cursor)) return false
    skip(cursor, ' \t')
    if (cursor.at === text.length) return true
    if (!take(cursor, ',')) return false
    skip(cursor, ' \t')
    // RFC 9651 4.2.1: a comma at the end promises a member.
    if (cursor.at === text.length) return false
  }
  return true
}

/**
 * The members of a dictionary by key, of a repeated key the last (RFC 9651 4.2.2), or undefined on any error. `text` is
 * the combined value of all lines; an empty one is an empty dictionary.
 */
export function parseDictionary(text: string): Map<string, Item> | undefined {
  const members = new Map<string, Item>()
  const isWhole = readMembers(text, cursor => {
    const key = readKey(cursor)
    const item = key === undefined ? undefined : readMemberValue(cursor)
    if (key === undefined || item === undefined) return false
    members.set(key, item)
    return true
  })
  return isWhole ? members : undefined
}

/** The members of a list (RFC 9651 4.2.1), or undefined on any error; an empty text is an empty list. */
export function parseList(text: string): Item[] | undefined {
  const members: Item[] = []
  const isWhole = readMembers(text, cursor => {
    const item = readMember(cursor)
    if (item !== undefined) members.push(item)
    return item !== undefined
  })
  return isWhole ? members : undefined
}
