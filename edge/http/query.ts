// What of the query counts (site setting): all of it as it is, or sorted, or only some names, or nothing. What this
// returns is both keyed and sent to the origin, so that they never speak of different resources.
import { normaliseTarget } from './target.js'

/** Names in `keep` and `drop` are decoded; with a `*` at the end they are the beginning of a name. */
export type QueryPolicy =
  | 'asIs'
  | 'sort'
  | 'none'
  | { readonly keep: readonly string[] }
  | { readonly drop: readonly string[] }

/** The name of `name=value` with its triples decoded, a byte string. A `+` is a `+`: only forms mean a space by it. */
function nameOf(parameter: string): string {
  const equals = parameter.indexOf('=')
  const raw = equals === -1 ? parameter : parameter.slice(0, equals)
  return raw.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The patterns are text of the config, names are bytes: they meet in UTF-8. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set<string>()
  const prefixes: string[] = []
  for (const pattern of patterns) {
    const bytes = Buffer.from(pattern, 'utf8').toString('latin1')
    if (bytes.endsWith('*')) prefixes.push(bytes.slice(0, -1))
    else exact.add(bytes)
  }
  return name => exact.has(name) || prefixes.some(prefix => name.startsWith(prefix))
}

/** Sorted by name; the order of repeated names has a meaning, and a stable sort keeps it. */
function sortByName(parameters: readonly string[]): string[] {
  const named = parameters.map(parameter => ({ name: nameOf(parameter), parameter }))
  named.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
  return named.map(({ parameter }) => parameter)
}

function choose(parameters: readonly string[], policy: Exclude<QueryPolicy, 'asIs' | 'none'>): string[] {
  if (policy === 'sort') return sortByName(parameters)
  if ('keep' in policy) {
    const isKept = matcher(policy.keep)
    return parameters.filter(parameter => isKept(nameOf(parameter)))
  }
  const isDropped = matcher(policy.drop)
  return parameters.filter(parameter => !isDropped(nameOf(parameter)))
}

/** `target` is normalised, and so is the result; it has no `?` when nothing of the query is left. */
export function queryPolicy(target: string, policy: QueryPolicy): string {
  const queryAt = policy === 'asIs' ? -1 : target.indexOf('?')
  if (queryAt === -1 || policy === 'asIs') return target
  const path = target.slice(0, queryAt)
  if (policy === 'none') return path
  const before = target.slice(queryAt + 1).split('&')
  const chosen = choose(before, policy)
  if (chosen.length === 0) return path
  const result = `${path}?${chosen.join('&')}`
  // A stray `%` keeps a query from being normalised; without its parameter the rest can be.
  return chosen.length === before.length ? result : (normaliseTarget(result) ?? result)
}
