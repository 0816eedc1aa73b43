// The words after `naij-edge cache`: in, one inspection out. Doing it is inspect.ts.
import { parseArgs } from 'node:util'

export type Inspection =
  | { action: 'ls'; site: string | undefined; prefix: string | undefined; limit: number }
  | { action: 'get'; url: string }
  | { action: 'stat' }
  | { action: 'verify' }

export type CacheCommand =
  | { ok: true; file: string; isJson: boolean; inspection: Inspection }
  | { ok: false; message: string }

export const cacheUsage = `Usage: naij-edge cache ls|get|stat|verify --config FILE [--json]

  ls [--site NAME] [--prefix URL] [--limit N]   one line per stored response, 1,000 if N is not said; 0: all
  get URL                                       all that is stored for it
  stat                                          totals: sites, index, segments, purges in force
  verify                                        reads everything and compares it with its checksums

  --json   JSON instead of text, one value a line

The edge may be running. Exit codes: 0 done, 1 bad arguments or configuration, 2 the cache cannot be read, 3 damage found.
`

const options = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  site: { type: 'string' },
  prefix: { type: 'string' },
  limit: { type: 'string' },
} as const

const limitDefault = 1_000

/** Never throws. */
export function readCacheArguments(words: readonly string[]): CacheCommand {
  const parsed = parse(words)
  if (parsed instanceof Error) return { ok: false, message: parsed.message }
  const { values, positionals } = parsed
  const inspection = readInspection(values, positionals)
  if (typeof inspection === 'string') return { ok: false, message: inspection }
  if (!values.config) return { ok: false, message: '--config FILE is missing' }
  return { ok: true, file: values.config, isJson: values.json === true, inspection }
}

type Parsed = Exclude<ReturnType<typeof parse>, Error>

function readInspection(values: Parsed['values'], [action, ...rest]: string[]): Inspection | string {
  const { site, prefix, limit } = values
  if (action !== 'ls' && (site ?? prefix ?? limit) !== undefined) {
    return '--site, --prefix and --limit go with ls'
  }
  if (rest.length > (action === 'get' ? 1 : 0)) return `too many words: ${rest.join(' ')}`
  switch (action) {
    case 'ls': {
      const count = limit === undefined ? limitDefault : Number(limit)
      if (!Number.isSafeInteger(count) || count < 0) return `--limit is ${limit}, expected a whole number`
      return { action, site, prefix, limit: count === 0 ? Number.POSITIVE_INFINITY : count }
    }
    case 'get':
      return rest[0] === undefined ? 'get: the URL is missing' : { action, url: rest[0] }
    case 'stat':
    case 'verify':
      return { action }
    default:
      return `${action === undefined ? 'nothing' : action} to do, expected ls, get, stat or verify`
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: true })
  } catch (error) {
    return error as Error
  }
}
