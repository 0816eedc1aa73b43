// What one configuration changes of another: a list of places and values, for people and for the audit. Pure.

export interface Difference {
  /** RFC 6901. */
  readonly pointer: string
  /** Absent: it was not there. */
  readonly before?: unknown
  /** Absent: it is gone. */
  readonly after?: unknown
}

export function differences(before: unknown, after: unknown, pointer = ''): Difference[] {
  if (isPlain(before) && isPlain(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap(key => {
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (!Object.hasOwn(before, key)) return [{ pointer: at, after: after[key] }]
      if (!Object.hasOwn(after, key)) return [{ pointer: at, before: before[key] }]
      return differences(before[key], after[key], at)
    })
  }
  // Lists are compared whole: what moved in them is not for a list of places to say.
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ pointer, before, after }]
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
