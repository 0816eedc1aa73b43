// `cache stat`: how much is stored of which site, and what it takes of the disk.
import { join } from 'node:path'
import { measure } from '../cache/databases.js'
import { readProgress } from '../cache/purges/log.js'
import { listFiles } from '../cache/segments/directory.js'
import { walk } from '../cache/walk.js'
import { grouped } from '../explain/words.js'
import type { Inspected, Output } from './inspect.js'
import { lineOf, rulesOf } from './list.js'

/** Of one site. */
interface Totals {
  site: string
  responses: number
  /** Of the responses, those below the key of a URL that varies. */
  variants: number
  fresh: number
  stale: number
  /** Purged, and not swept out yet. */
  purged: number
  /** Of responses that are kept in blocks: those that are there. */
  blocks: number
  bodyBytes: number
}

export async function stat(inspected: Inspected, output: Output): Promise<number> {
  const { config, databases } = inspected
  const rules = rulesOf(inspected)
  const sites = new Map<string, Totals>()
  for await (const walked of walk(databases)) {
    const { entry, place } = walked
    if (entry?.kind !== 'response') continue
    const totals = sites.get(place.site) ?? noTotals(place.site)
    sites.set(place.site, totals)
    // What is kept in blocks has its bytes there.
    totals.bodyBytes += entry.slices === undefined ? entry.bodyBytes : 0
    if (place.block !== undefined) {
      totals.blocks += 1
      continue
    }
    const { state, variant } = lineOf(walked, entry, rules, inspected.nowMs)
    totals.responses += 1
    totals[state] += 1
    if (variant !== null) totals.variants += 1
  }
  const files = await listFiles(join(config.cache.directory, 'segments')).catch(() => [])
  const whole = {
    index: measure(databases),
    segments: { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) },
    bytesMax: config.cache.bytesMax,
    purges: { inForce: rules.count, ...readProgress(databases) },
  }
  if (output.isJson) output.line(JSON.stringify({ ...whole, sites: [...sites.values()] }))
  else for (const line of textOf(whole, [...sites.values()])) output.line(line)
  return 0
}

function noTotals(site: string): Totals {
  return { site, responses: 0, variants: 0, fresh: 0, stale: 0, purged: 0, blocks: 0, bodyBytes: 0 }
}

interface Whole {
  index: { entries: number; bytes: number }
  segments: { files: number; bytes: number }
  bytesMax: number
  purges: { inForce: number; sequence: number }
}

function textOf({ index, segments, bytesMax, purges }: Whole, sites: readonly Totals[]): string[] {
  const used = grouped(index.bytes + segments.bytes)
  return [
    `cache: ${used} of ${grouped(bytesMax)} bytes`,
    `index: ${grouped(index.entries)} entries in ${grouped(index.bytes)} bytes`,
    `segments: ${grouped(segments.files)} files of ${grouped(segments.bytes)} bytes`,
    `purges: ${grouped(purges.inForce)} in force, the last is number ${purges.sequence}`,
    ...sites.map(({ site, responses, variants, fresh, stale, purged, blocks, bodyBytes }) => {
      const states = `${grouped(fresh)} fresh, ${grouped(stale)} stale, ${grouped(purged)} purged`
      const inBlocks = blocks === 0 ? '' : `${grouped(blocks)} blocks, `
      const counts = `${grouped(responses)} responses (${grouped(variants)} variants), ${states}`
      return `site ${site}: ${counts}, ${inBlocks}${grouped(bodyBytes)} bytes of bodies`
    }),
  ]
}
