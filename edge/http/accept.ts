// Accept (RFC 9110 12.5.1) as it selects: one form for all spellings of the same preferences. The edge makes no forms
// of its own; where it does, this is the one place that says which of them a value asks for, and so what selects.
import { isWeight, writePreferences } from './preferences.js'
import { isToken, quality, splitList, splitParameters } from './tokens.js'

/** `type/subtype` of two tokens, where `*` stands for any subtype and then for any type. */
function isMediaRange(range: string): boolean {
  const [type, subtype, ...more] = range.split('/')
  if (subtype === undefined || more.length > 0 || !isToken(type) || !isToken(subtype)) return false
  return type !== '*' || subtype === '*'
}

/** `name=value` with its name in lower case; undefined when it is none. A value keeps its case: it may matter. */
function reduceParameter(parameter: string): string | undefined {
  const equals = parameter.indexOf('=')
  const name = parameter.slice(0, Math.max(equals, 0)).toLowerCase()
  return isToken(name) && name !== 'q' ? `${name}${parameter.slice(equals)}` : undefined
}

/** A range with its parameters, and its quality; undefined when it is not lawful. */
function parseRange(member: string): { range: string; quality: number } | undefined {
  const [range, ...parameters] = splitParameters(member)
  if (range === undefined || !isMediaRange(range)) return undefined
  const weight = parameters.at(-1)?.toLowerCase()
  const hasWeight = weight !== undefined && isWeight(weight)
  let reduced = range.toLowerCase()
  for (const parameter of hasWeight ? parameters.slice(0, -1) : parameters) {
    const written = reduceParameter(parameter)
    if (written === undefined) return undefined
    reduced += `;${written}`
  }
  return { range: reduced, quality: hasWeight ? quality([weight]) : 1 }
}

/**
 * The ranges in one form, the best first. A value that is not lawful, or gives one range two qualities, is kept as a
 * plain list: an origin may read it in a way that we cannot know.
 */
export function reduceAccept(value: string): string {
  const members = splitList(value)
  const qualities = new Map<string, number>()
  for (const member of members) {
    const parsed = parseRange(member)
    if (parsed === undefined) return members.join(',')
    const known = qualities.get(parsed.range)
    if (known !== undefined && known !== parsed.quality) return members.join(',')
    qualities.set(parsed.range, parsed.quality)
  }
  return writePreferences(qualities)
}
