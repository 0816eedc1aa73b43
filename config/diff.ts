// What differs between two configs outside the sites: sites are swapped in running workers, the rest needs new ones.
import { isPlain } from './plain.js'
import { pathText, type Segments } from './problems.js'
import type { EdgeConfig } from './settings.js'

/** The paths that differ outside `sites`, in the order of the table; a list whose length changed is one path. */
export function diffProcessSettings(a: EdgeConfig, b: EdgeConfig): string[] {
  const { sites: _sitesA, ...processA } = a
  const { sites: _sitesB, ...processB } = b
  return differences([], processA, processB)
}

function differences(segments: Segments, a: unknown, b: unknown): string[] {
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.flatMap((item, index) => differences([...segments, index], item, b[index]))
  }
  if (isPlain(a) && isPlain(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].flatMap(key => differences([...segments, key], a[key], b[key]))
  }
  return Object.is(a, b) ? [] : [pathText(segments)]
}
