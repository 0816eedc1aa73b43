// From a text or an unknown value to the frozen config of the edge, or to everything that is wrong with it at once:
// read (json.ts), fill and derive (fill.ts), check (check.ts, relations.ts). Never throws on any plain data.
import { check } from './check.js'
import { derive, fill } from './fill.js'
import { readJson } from './json.js'
import { isPlain } from './plain.js'
import { type Fault, type Problem, problemsOf } from './problems.js'
import { checkRelations } from './relations.js'
import { type EdgeConfig, edgeSettings } from './settings.js'

export { formatProblems, type Problem } from './problems.js'

export type ParseResult =
  | { readonly ok: true; readonly config: EdgeConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Room for 10,000 generous sites. */
const textCharactersMax = 32 * 2 ** 20

/**
 * Parses the text of a config file; `controlled`: the sites that control has sent, used when it names control. A fault of the
 * JSON itself is the only problem then: `path` is empty.
 */
export function parseConfig(text: string, controlled?: readonly unknown[]): ParseResult {
  if (text.length > textCharactersMax) {
    return failed(`the text has ${text.length} characters, expected at most ${textCharactersMax}`)
  }
  // A byte order mark is not JSON (RFC 8259 8.1), but editors write it and a reader may ignore it.
  const json = readJson(text.startsWith('\uFEFF') ? text.slice(1) : text)
  return json.ok ? parseConfigValue(json.value, controlled) : failed(json.message)
}

/** Parses a value of plain data as JSON gives it. All defaults are filled in; the value given is left as it is. */
export function parseConfigValue(written: unknown, controlled: readonly unknown[] = []): ParseResult {
  const isControlled = isPlain(written) && written.control !== undefined
  const value = isControlled && written.sites === undefined ? { ...written, sites: controlled } : written
  const filled = derive(fill(edgeSettings, value))
  const faults = [...check(filled, value), ...checkRelations(filled), ...sitesFaults(written)]
  if (faults.length > 0) return { ok: false, problems: problemsOf(faults) }
  // The check has just shown that it has the table's shape.
  return { ok: true, config: frozen(withPlainOrigins(filled as EdgeConfig)) }
}

/** They come from one place. */
function sitesFaults(written: unknown): Fault[] {
  if (!isPlain(written)) return []
  const { sites, control } = written
  if (control !== undefined && sites !== undefined)
    return [{ segments: ['sites'], message: 'stand beside `control`, expected one of them' }]
  if (control !== undefined || (Array.isArray(sites) && sites.length > 0)) return []
  if (sites !== undefined && !Array.isArray(sites)) return []
  const message = `${sites === undefined ? 'is missing' : 'a list of 0 is too short'}, expected a list of 1 to 10000`
  return [{ segments: ['sites'], message }]
}

function failed(message: string): ParseResult {
  return { ok: false, problems: [{ path: '', message }] }
}

/** `HTTP://Host:80/` and `http://host` are one origin: the second is the form everybody compares. */
function withPlainOrigins(config: EdgeConfig): EdgeConfig {
  const sites = config.sites.map(site => ({
    ...site,
    origins: site.origins.map(origin => ({ ...origin, url: new URL(origin.url).origin })),
  }))
  return { ...config, sites }
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
