// What is wrong with sites, as control asks it of drafts before any edge hears of them: the checks of the edge itself, with
// JSON pointers (RFC 6901).
import { check } from './check.js'
import { derive, fill } from './fill.js'
import { pathText, type Segments } from './problems.js'
import { checkRelations } from './relations.js'
import { edgeSettings } from './settings.js'

export interface SiteFault {
  /** Of the site, in the list that was given. */
  readonly site: number
  /** Within the site; '' is all of it. */
  readonly pointer: string
  readonly message: string
}

/** All faults at once, those between sites too: nothing is twice. */
export function judgeSites(sites: readonly unknown[]): SiteFault[] {
  // Listeners are the edges' own.
  const value = { listen: [{ port: 1 }], sites: sites.length === 0 ? undefined : sites }
  if (sites.length === 0) return []
  const filled = derive(fill(edgeSettings, value))
  const seen = new Set<string>()
  return [...check(filled, value), ...checkRelations(filled)].flatMap(({ segments, message }) => {
    const path = pathText(segments)
    if (segments[0] !== 'sites' || typeof segments[1] !== 'number' || seen.has(path)) return []
    seen.add(path)
    return [{ site: segments[1], pointer: pointerOf(segments.slice(2)), message }]
  })
}

function pointerOf(segments: Segments): string {
  return segments.map(segment => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
