// Checks a filled value against the table, setting by setting, and reports everything at once. Ajv finds what does
// not fit; the words are ours, from the setting itself. Rules between settings are relations.ts.
import type { ErrorObject } from 'ajv'
import type { Matches } from './compile.js'
import { expected, misfit } from './expectation.js'
import type { Setting } from './leaf.js'
import { matches } from './matches.js'
import { nearest } from './nearest.js'
import { isPlain } from './plain.js'
import type { Fault, Segments } from './problems.js'
import { edgeSettings } from './settings.js'

/** What does not fit a table in `filled`; `raw` is what was written, and messages show that. */
export type Check = (filled: unknown, raw: unknown) => Fault[]

export const check = checkOf(edgeSettings, matches)

/** `table`: its root as plain data, TypeBox types describe what is parsed, not the schema's own members. */
export function checkOf(table: Setting, matches: Matches): Check {
  return (filled, raw) => {
    if (matches(filled)) return []
    return (matches.errors ?? []).flatMap(error => faultOf(error, table, filled, raw))
  }
}

function faultOf(error: ErrorObject, table: Setting, filled: unknown, raw: unknown): Fault[] {
  const { segments, setting, value } = follow(error.instancePath, table, filled)
  if (error.keyword === 'additionalProperties') {
    return [unknownKey(setting, segments, String(error.params.additionalProperty))]
  }
  if (error.keyword === 'required') return missing(setting, segments, String(error.params.missingProperty))
  const written = asWritten(raw, segments, value)
  const message = `${misfit(setting, value, written.value)}, expected ${expected(setting)}`
  return [{ segments: written.segments, message }]
}

/** Goes down a JSON pointer (RFC 6901) of known keys, in table and value at once. */
function follow(
  pointer: string,
  table: Setting,
  filled: unknown,
): { segments: Segments; setting: Setting; value: unknown } {
  const segments: (string | number)[] = []
  let setting = table
  let value = filled
  for (const name of pointer.split('/').slice(1)) {
    segments.push(setting.items ? Number(name) : name)
    value = isPlain(value) || Array.isArray(value) ? Reflect.get(value, name) : undefined
    setting = setting.items ?? setting.properties?.[name] ?? setting
  }
  return { segments, setting, value }
}

function unknownKey(group: Setting, segments: Segments, key: string): Fault {
  const known = Object.keys(group.properties ?? {})
  const meant = nearest(key, known)
  const expectedKeys = meant === undefined ? `one of ${known.join(', ')}` : `"${meant}"`
  return { segments: [...segments, key], message: `is not a setting, expected ${expectedKeys}` }
}

function missing(group: Setting, segments: Segments, key: string): Fault[] {
  const setting = group.properties?.[key]
  // A derived setting is absent only when what it is derived from is wrong, and that is reported there.
  if (!setting || setting.derived !== undefined) return []
  return [{ segments: [...segments, key], message: `is missing, expected ${expected(setting)}` }]
}

/** The value at `segments` as it was written; what stands for an object or a list ends the path. */
function asWritten(
  raw: unknown,
  segments: Segments,
  filled: unknown,
): { segments: Segments; value: unknown } {
  let value = raw
  for (const [depth, segment] of segments.entries()) {
    if (value === undefined) return { segments, value: filled }
    if (!isPlain(value) && !Array.isArray(value)) return { segments: segments.slice(0, depth), value }
    value = Object.hasOwn(value, segment) ? Reflect.get(value, segment) : undefined
  }
  return { segments, value: value ?? filled }
}
