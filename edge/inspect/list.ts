// `cache ls`: one line per stored response.

import { hostTable } from '../accept/host-table.js'
import { readPublicUrl } from '../accept/public-url.js'
import type { ResponseEntry } from '../cache/entry.js'
import { keyPrefix, keysOfPurgeName } from '../cache/identify.js'
import { readNews } from '../cache/purges/log.js'
import { PurgeRules } from '../cache/purges/rules.js'
import { type Walked, walk } from '../cache/walk.js'
import { duration } from '../explain/words.js'
import type { Inspection } from './arguments.js'
import type { Inspected, Output } from './inspect.js'

/** What can be said of one stored response in one line. */
export interface Line {
  url: string
  site: string
  /** Generation and name, on one line. */
  variant: string | null
  status: number
  bodyBytes: number
  /** Of the blocks in which it is kept, as far as they were asked for. */
  sliceBytes: number | null
  storedAt: string
  freshUntil: string
  state: 'fresh' | 'stale' | 'purged'
  tags: readonly string[]
}

export async function list(
  { site, prefix, limit }: Extract<Inspection, { action: 'ls' }>,
  inspected: Inspected,
  output: Output,
): Promise<number> {
  const starts = startsOf(site, prefix, inspected)
  if (starts instanceof Error) {
    output.note(starts.message)
    return 1
  }
  const rules = rulesOf(inspected)
  let count = 0
  for await (const walked of walkAll(inspected, starts)) {
    const { entry, place } = walked
    if (entry?.kind !== 'response' || place.block !== undefined) continue
    if (count === limit) {
      output.note(`these are the first ${limit}; --limit 0 lists all`)
      break
    }
    count += 1
    const line = lineOf(walked, entry, rules, inspected.nowMs)
    output.line(output.isJson ? JSON.stringify(line) : textOf(line, inspected.nowMs))
  }
  return 0
}

/** What is stored under keys that begin so, one after the other. */
export async function* walkAll({ databases }: Inspected, starts: readonly string[]) {
  for (const start of starts) yield* walk(databases, start)
}

/** The purges in force: what they name is there until it is swept out, and used by nobody. */
export function rulesOf({ databases }: Inspected): PurgeRules {
  const rules = new PurgeRules()
  for (const rule of readNews(databases, 0).rules) rules.add(rule)
  return rules
}

export function lineOf({ place }: Walked, entry: ResponseEntry, rules: PurgeRules, nowMs: number): Line {
  const { status, bodyBytes, storedAtMs, freshUntilMs, fence, tags } = entry
  const { site, key, url, variant, isBeginning } = place
  const struck = rules.judge({ site, key, isBeginning, fence, tags: () => tags })
  const isFresh = nowMs < freshUntilMs && struck === undefined
  return {
    url: isBeginning ? `${url}...` : url,
    site,
    variant: variant?.replaceAll('\n', ' ') ?? null,
    status,
    bodyBytes,
    sliceBytes: entry.slices?.sliceBytes ?? null,
    storedAt: isoOf(storedAtMs),
    freshUntil: isoOf(freshUntilMs),
    state: struck?.kind === 'gone' ? 'purged' : isFresh ? 'fresh' : 'stale',
    tags,
  }
}

function isoOf(ms: number): string {
  return Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : String(ms)
}

function textOf(line: Line, nowMs: number): string {
  const { url, variant, status, bodyBytes, sliceBytes, freshUntil, state, tags } = line
  const time = state === 'purged' ? '' : ` ${duration(Date.parse(freshUntil) - nowMs)}`
  const more = [
    variant === null ? '' : ` variant=${variant}`,
    sliceBytes === null ? '' : ` in blocks of ${sliceBytes}`,
    tags.length === 0 ? '' : ` tags=${tags.join()}`,
  ]
  return `${status} ${String(bodyBytes).padStart(10)} ${`${state}${time}`.padEnd(20)} ${url}${more.join('')}`
}

/** What all keys of the site, or of what is below the prefix, begin with. */
function startsOf(
  site: string | undefined,
  prefix: string | undefined,
  { config: { sites } }: Inspected,
): readonly string[] | Error {
  if (site !== undefined && !sites.some(({ name }) => name === site)) {
    return new Error(`--site: no site is called ${site}`)
  }
  if (prefix === undefined) return site === undefined ? [''] : keysOfPurgeName(`http ${site} `)
  const read = readPublicUrl(prefix)
  if (read === undefined) return new Error(`--prefix: ${prefix} is no absolute URL`)
  const owner = hostTable(sites, ({ hosts }) => hosts)(read.host)
  if (owner === undefined || (site !== undefined && owner.name !== site)) {
    return new Error(
      `--prefix: ${site === undefined ? 'no site' : `the site ${site}`} has no host ${read.host}`,
    )
  }
  return keysOfPurgeName(keyPrefix('http', owner.name, read.authority, owner.cache.keyFields) + read.target)
}
