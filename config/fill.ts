// Brings a raw value into the table's shape: sizes and times become integers, a text origin becomes an object,
// what is absent gets its default or is derived. Judges nothing: what does not fit stays for check.ts to report.
import { posix } from 'node:path'
import { forms } from './forms.js'
import type { Setting } from './leaf.js'
import { isPlain, type Plain } from './plain.js'
import { copyOfQueryPolicy, isQueryPolicy } from './query-policy.js'
import { parseBytes, parseMilliseconds } from './units.js'

/** A new value in which everything known is converted and filled in; unknown keys and misfits are kept as they are. */
export function fill(setting: Setting, value: unknown): unknown {
  if (setting.items) return fillList(setting, setting.items, value)
  if (setting.isQueryPolicy) return isQueryPolicy(value) ? copyOfQueryPolicy(value) : value
  if (setting.properties) return fillGroup(setting, setting.properties, value)
  if (typeof value !== 'string') return value
  if (setting.unit === 'bytes') return parseBytes(value) ?? value
  if (setting.unit === 'milliseconds') return parseMilliseconds(value) ?? value
  return value
}

/** Fills in what depends on other settings: `run.directory`, `state.directory`, `admin.socket` and the names of sites. */
export function derive(filled: unknown): unknown {
  if (!isPlain(filled)) return filled
  const { cache, run, state, admin, sites } = filled
  if (isPlain(run) && isPlain(cache) && isPath(cache.directory))
    run.directory ??= beside(cache.directory, 'run')
  if (isPlain(state) && isPlain(cache) && isPath(cache.directory))
    state.directory ??= beside(cache.directory, 'state')
  if (isPlain(admin) && isPlain(run) && isPath(run.directory))
    admin.socket ??= within(run.directory, 'edge.sock')
  if (Array.isArray(sites)) sites.forEach(deriveName)
  return filled
}

function fillList(list: Setting, item: Setting, value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, itemValue => fill(item, itemValue))
  return list.singleItem && !isPlain(value) ? [fill(item, value)] : value
}

function fillGroup(group: Setting, members: Readonly<Record<string, Setting>>, value: unknown): unknown {
  if (group.shorthand !== undefined && typeof value === 'string')
    return fillGroup(group, members, { [group.shorthand]: value })
  if (!isPlain(value)) return value
  const known = Object.entries(members)
    .map(([key, member]) => [key, fillMember(member, ownValue(value, key))] as const)
    .filter(([, memberValue]) => memberValue !== undefined)
  const unknown = Object.entries(value).filter(([key]) => !Object.hasOwn(members, key))
  // fromEntries defines properties: a key named __proto__ stays a key, and is reported as unknown.
  return Object.fromEntries([...known, ...unknown])
}

function fillMember(member: Setting, value: unknown): unknown {
  if (value === undefined && member.mayBeAbsent) return undefined
  if (value === undefined && member.properties) return fill(member, {})
  // Filled like a written one: a list of the table is not handed out to be frozen.
  const given = value === undefined ? member.default : value
  return given === undefined ? undefined : fill(member, given)
}

function ownValue(value: Plain, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && forms.path.holds(value)
}

function beside(directory: string, name: string): string {
  return within(posix.dirname(directory), name)
}

/** Not path.join: a path stays as written, `./var` with its dot. */
function within(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`
}

function deriveName(site: unknown): void {
  if (!isPlain(site) || site.name !== undefined || !Array.isArray(site.hosts)) return
  const host: unknown = site.hosts[0]
  // An IPv6 host has brackets and colons, which a site name does not.
  if (typeof host === 'string' && forms.host.holds(host)) site.name = host.replace(/[^a-z0-9*._-]/g, '-')
}
