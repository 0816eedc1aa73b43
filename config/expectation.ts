// What a setting takes, in words: for messages (`expected ...`) and the reference page. Knows units, no setting.
import { forms } from './forms.js'
import type { Setting } from './leaf.js'
import { alternatives, shown } from './problems.js'
import { queryPolicyExpected } from './query-policy.js'
import { formatBytes, formatMilliseconds } from './units.js'

/** Completes `expected `. */
export function expected(setting: Setting): string {
  if (setting.items) return expectedList(setting, setting.items)
  if (setting.properties) return expectedGroup(setting, setting.properties)
  switch (setting.unit) {
    case 'bytes':
      return `bytes or a size such as "64KiB", ${range(setting)}`
    case 'milliseconds':
      return `milliseconds or a time such as "30s", ${range(setting)}`
    case 'count':
      return `${setting.anyOf ? '"auto" or ' : ''}a whole number ${range(setting)}`
    case 'port':
      return `a port ${range(setting)}`
    case 'status':
      return `a status ${range(setting)} or a class such as "4xx"`
    case 'query':
      return queryPolicyExpected
    case 'choice':
      return alternatives((setting.enum ?? []).map(shown))
    case 'text':
      return setting.format ? forms[setting.format].expected : 'a text'
    default:
      return 'true or false'
  }
}

/** What was found, before `, expected ...`: `"1KiB" is too small`, `"x" is not an origin`. `written` stands for `value`. */
export function misfit(setting: Setting, value: unknown, written: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value) && setting.minimum !== undefined) {
    return `${shown(written)} is too ${value < setting.minimum ? 'small' : 'large'}`
  }
  if (setting.items && Array.isArray(value)) {
    return `a list of ${value.length} is too ${value.length < (setting.minItems ?? 0) ? 'short' : 'long'}`
  }
  return `${shown(written)} is not ${noun(setting)}`
}

/** A quantity in the largest unit that divides it evenly, other values as they are in JSON. */
export function quantityText(setting: Setting, value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value)
  if (typeof value !== 'number') return shown(value)
  if (setting.unit === 'bytes') return formatBytes(value)
  if (setting.unit === 'milliseconds') return formatMilliseconds(value)
  return String(value)
}

function expectedList(list: Setting, item: Setting): string {
  const listed = `a list of ${list.minItems} to ${list.maxItems}`
  return list.singleItem ? `${expected(item)}, or ${listed}` : listed
}

function expectedGroup(group: Setting, members: Readonly<Record<string, Setting>>): string {
  const shorthand = group.shorthand === undefined ? undefined : members[group.shorthand]
  if (shorthand) return `${expected(shorthand)}, or {"${group.shorthand}": ...}`
  return `an object with ${Object.keys(members).join(', ')}`
}

function range(setting: Setting): string {
  return `from ${quantityText(setting, setting.minimum)} to ${quantityText(setting, setting.maximum)}`
}

const nouns: Record<string, string> = {
  bytes: 'a size',
  milliseconds: 'a time',
  count: 'a count',
  port: 'a port',
  switch: 'a switch',
  choice: 'a known word',
  status: 'a status',
  query: 'a query policy',
}

function noun(setting: Setting): string {
  if (setting.items) return setting.singleItem ? noun(setting.items) : 'a list'
  if (setting.properties) {
    const shorthand = setting.shorthand === undefined ? undefined : setting.properties[setting.shorthand]
    return shorthand ? noun(shorthand) : 'an object'
  }
  if (setting.format) return forms[setting.format].noun
  return nouns[setting.unit ?? ''] ?? 'a text'
}
