// What a response makes obsolete: its own target and those it points at (RFC 9111 4.4), and whole groups (RFC 9875).
// Pure; dropping them is cache/'s, and groups are the caller's to keep apart by origin.
import { allValues, combinedValue, type Fields } from './fields.js'
import { type Base, sameOriginTarget } from './reference.js'
import { parseList } from './structured-fields.js'

/** RFC 9110 9.2.1: these change nothing. Of any other method we do not know that. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** RFC 9875 2: a field of 32 groups of 32 characters must be supported. Beyond these they are left out. */
export const GROUPS_MAX = 32
export const GROUP_BYTES_MAX = 128

/** True for a success or a redirection of an unsafe or unknown method (RFC 9111 4.4); an error changed nothing. */
export function invalidates(method: string, status: number): boolean {
  return !SAFE_METHODS.has(method) && status >= 200 && status <= 399
}

/**
 * The normalised targets of this origin that the response makes obsolete, unique: that of the request first, then what
 * Location and Content-Location name. Empty when the response invalidates nothing.
 */
export function invalidatedTargets(
  input: { method: string; status: number; fields: Fields } & Base,
): string[] {
  const { method, status, fields } = input
  if (!invalidates(method, status)) return []
  const targets = new Set([input.target])
  for (const name of ['location', 'content-location']) {
    for (const reference of allValues(fields, name)) {
      const target = sameOriginTarget(reference, input)
      if (target !== undefined) targets.add(target)
    }
  }
  return [...targets]
}

/** The strings of a list, unique and bounded. A member of another type spoils the field (RFC 9651 1.2). */
function readGroups(fields: Fields, lowerCaseName: string): string[] {
  const items = parseList(combinedValue(fields, lowerCaseName) ?? '') ?? []
  const groups = new Set<string>()
  for (const item of items) {
    if (item.type !== 'string') return []
    if (item.value.length <= GROUP_BYTES_MAX && groups.size < GROUPS_MAX) groups.add(item.value)
  }
  return [...groups]
}

/** The groups that the response belongs to (RFC 9875 2), compared as they are written. */
export function groupsOf(fields: Fields): string[] {
  return readGroups(fields, 'cache-groups')
}

/**
 * The groups that the response makes obsolete (RFC 9875 3): the field does not count on responses to safe methods, and
 * not on errors, which by the same reason as above changed nothing.
 */
export function invalidatedGroups(method: string, status: number, fields: Fields): string[] {
  return invalidates(method, status) ? readGroups(fields, 'cache-group-invalidation') : []
}
