// Cache-Control as a value (RFC 9111 5.2), for requests and responses alike. What a directive means is decided in
// storable.ts and freshness.ts; a value that is there but cannot be read is kept as 'invalid', never dropped.
import { remembering } from './remember.js'
import { isToken, parseDeltaSeconds, splitList, trimSpace, unquote } from './tokens.js'

/** Seconds, `DELTA_SECONDS_MAX` at most; 'invalid' when the directive is there without a lawful number. */
export type Seconds = number | 'invalid' | undefined

export interface CacheControl {
  noStore: boolean
  /** The unqualified form. */
  noCache: boolean
  /** Lower-case names of the qualified form. */
  noCacheFields: string[]
  /** The unqualified form of `private`. */
  privateAll: boolean
  privateFields: string[]
  public: boolean
  mustRevalidate: boolean
  proxyRevalidate: boolean
  mustUnderstand: boolean
  noTransform: boolean
  immutable: boolean
  onlyIfCached: boolean
  maxAge: Seconds
  sMaxage: Seconds
  staleWhileRevalidate: Seconds
  staleIfError: Seconds
  /** Of a request; 'any' when it has no argument (RFC 9111 5.2.1.2). */
  maxStale: Seconds | 'any'
  /** Of a request (RFC 9111 5.2.1.3). */
  minFresh: Seconds
}

/** Directives of a response with a number, and where it goes. */
export const NUMBERS = {
  'max-age': 'maxAge',
  's-maxage': 'sMaxage',
  'stale-while-revalidate': 'staleWhileRevalidate',
  'stale-if-error': 'staleIfError',
} as const

/** They restrict, so they count even with an argument that nobody defined. */
const RESTRICTIONS = {
  'no-store': 'noStore',
  'must-revalidate': 'mustRevalidate',
  'proxy-revalidate': 'proxyRevalidate',
  'no-transform': 'noTransform',
  'only-if-cached': 'onlyIfCached',
} as const

/** They permit, so they count only in the one form that is defined. */
const PERMISSIONS = {
  public: 'public',
  immutable: 'immutable',
  'must-understand': 'mustUnderstand',
} as const

/** A value in which nothing is said. */
export function emptyCacheControl(): CacheControl {
  return {
    noStore: false,
    noCache: false,
    noCacheFields: [],
    privateAll: false,
    privateFields: [],
    public: false,
    mustRevalidate: false,
    proxyRevalidate: false,
    mustUnderstand: false,
    noTransform: false,
    immutable: false,
    onlyIfCached: false,
    maxAge: undefined,
    sMaxage: undefined,
    staleWhileRevalidate: undefined,
    staleIfError: undefined,
    maxStale: undefined,
    minFresh: undefined,
  }
}

/** True when `name` is a key of `table` itself. */
export function has<Table extends object>(table: Table, name: PropertyKey): name is keyof Table {
  return Object.hasOwn(table, name)
}

/** RFC 9111 5.2: both forms of an argument are accepted, whichever the directive defines. */
function parseSeconds(argument: string | undefined): number | 'invalid' {
  if (argument === undefined) return 'invalid'
  return parseDeltaSeconds(unquote(argument) ?? argument) ?? 'invalid'
}

/** The field names of a qualified form; undefined when it names nothing lawful, and then it is as if unqualified. */
function parseNames(argument: string | undefined): string[] | undefined {
  if (argument === undefined) return undefined
  const names = splitList((unquote(argument) ?? argument).toLowerCase())
  return names.length > 0 && names.every(isToken) ? names : undefined
}

function apply(result: CacheControl, name: string, argument: string | undefined): void {
  if (has(NUMBERS, name))
    result[NUMBERS[name]] ??= parseSeconds(argument) // RFC 9111 4.2.1: the first counts
  else if (has(RESTRICTIONS, name)) result[RESTRICTIONS[name]] = true
  else if (has(PERMISSIONS, name)) result[PERMISSIONS[name]] ||= argument === undefined
  else if (name === 'min-fresh') result.minFresh ??= parseSeconds(argument)
  else if (name === 'max-stale') result.maxStale ??= argument === undefined ? 'any' : parseSeconds(argument)
  else if (name === 'no-cache') {
    const names = parseNames(argument)
    if (names) result.noCacheFields.push(...names)
    else result.noCache = true
  } else if (name === 'private') {
    const names = parseNames(argument)
    if (names) result.privateFields.push(...names)
    else result.privateAll = true
  }
}

/**
 * `value` is the combined value of all lines (RFC 9110 5.3), undefined when there are none. Names in any case; nothing
 * inside a quoted string counts; of repeated numbers the first counts.
 */
export function parseCacheControl(value: string | undefined): Readonly<CacheControl> {
  return value === undefined ? nothingSaid : parseRemembering(value)
}

const nothingSaid = frozen(emptyCacheControl())

/** An origin sends a handful of values. */
const parseRemembering = remembering(value => frozen(parse(value)))

/** It is handed out again and again. */
function frozen(said: CacheControl): Readonly<CacheControl> {
  Object.freeze(said.noCacheFields)
  Object.freeze(said.privateFields)
  return Object.freeze(said)
}

function parse(value: string): CacheControl {
  const result = emptyCacheControl()
  for (const member of splitList(value)) {
    const equals = member.indexOf('=')
    const before = equals === -1 ? member : member.slice(0, equals)
    const name = trimSpace(before)
    // A space around `=` is not lawful. The directive counts, because it was meant to restrict; the space is kept in
    // its argument, where it makes a number invalid.
    const space = name === before ? '' : ' '
    apply(result, name.toLowerCase(), equals === -1 ? undefined : space + member.slice(equals + 1))
  }
  return result
}
