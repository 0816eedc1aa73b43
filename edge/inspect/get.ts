// `cache get URL`: all that is stored for it, every variant.
import { hostTable } from '../accept/host-table.js'
import { readPublicUrl } from '../accept/public-url.js'
import type { ResponseEntry } from '../cache/entry.js'
import { governedTarget, keyPrefix, keysOfPurgeName, purgeName } from '../cache/identify.js'
import { blockMark } from '../cache/slices.js'
import { type Walked, walk } from '../cache/walk.js'
import { describeEntry } from '../explain/entry-view.js'
import type { Inspected, Output } from './inspect.js'
import { lineOf, rulesOf, walkAll } from './list.js'

export async function get(url: string, inspected: Inspected, output: Output): Promise<number> {
  const name = nameOf(url, inspected)
  if (name instanceof Error) {
    output.note(name.message)
    return 1
  }
  const rules = rulesOf(inspected)
  let count = 0
  const starts = keysOfPurgeName(name).map(key => key.slice(0, keyBytesMax))
  for await (const walked of walkAll(inspected, starts)) {
    const { entry, place } = walked
    if (entry?.kind !== 'response' || place.block !== undefined || !isOf(name, walked)) continue
    count += 1
    const { state, variant } = lineOf(walked, entry, rules, inspected.nowMs)
    const body = await bodyOf(place.key, entry, inspected)
    const view = {
      url: place.url,
      variant,
      state,
      body,
      ...describeEntry(entry, walked.stored, inspected.nowMs),
    }
    output.line(output.isJson ? JSON.stringify(view) : textOf(view))
  }
  if (count === 0) output.note(`nothing is stored for ${url}`)
  return 0
}

async function bodyOf(key: string, entry: ResponseEntry, { databases }: Inspected): Promise<string> {
  const { place, slices } = entry
  if (slices === undefined) return place === undefined ? 'in the index' : `in segment ${place.segment}`
  const start = `${key}${blockMark}${slices.id}:`
  let count = 0
  for await (const { stored } of walk(databases, start.slice(0, keyBytesMax))) {
    if (stored.startsWith(start)) count += 1
  }
  const all = Math.ceil(slices.bytes / slices.sliceBytes)
  return `${count} of ${all} blocks of ${slices.sliceBytes} bytes`
}

/** No key is kept with more. */
const keyBytesMax = 900

function isOf(name: string, { place }: Walked): boolean {
  const found = purgeName(place.key)
  return place.isBeginning ? name.startsWith(found) : found === name
}

/** As purges call it: under both schemes. */
function nameOf(url: string, { config: { sites } }: Inspected): string | Error {
  const read = readPublicUrl(url)
  if (read === undefined) return new Error(`get: ${url} is no absolute URL`)
  const owner = hostTable(sites, ({ hosts }) => hosts)(read.host)
  if (owner === undefined) return new Error(`get: no site has the host ${read.host}`)
  const target = governedTarget({ config: owner }, read.target)
  return keyPrefix('http', owner.name, read.authority, owner.cache.keyFields) + target
}

function textOf(view: Record<string, unknown>): string {
  const lines = Object.entries(view).flatMap(([name, value]) => {
    if (name.endsWith('Ms') || value === null || (Array.isArray(value) && value.length === 0)) return []
    if (name === 'received')
      return (value as [string, string][]).map(([field, text]) => `  ${field}: ${text}`)
    return [`${name}: ${Array.isArray(value) ? value.join(', ') : String(value).replaceAll('\n', ' ')}`]
  })
  return `${lines.join('\n')}\n`
}
