// The form of the state has a number. An older one is brought forward, step by step, in one transaction; a newer one is not
// touched.
import type { Tables } from './database.js'
import { activeConfigOf, claimHosts } from './sites.js'

/** Each from the number of its place to the next. */
const steps: readonly ((tables: Tables) => void)[] = [
  // 0: before there were edges, nothing was kept for them.
  ({ meta }) => void meta.putSync('position', meta.get('position') ?? 0),
  // 1: whose host is whose was found out by looking at all sites.
  tables => {
    for (const { key: name } of tables.sites.getRange())
      claimHosts(tables, name, undefined, activeConfigOf(tables, name))
  },
]

export const schemaVersion = steps.length

/** Within a transaction. `isNew`: nothing was ever written. Throws for a state of a later version. */
export function migrate(tables: Tables, isNew: boolean): void {
  const { meta } = tables
  const found = meta.get('schema') ?? (isNew ? schemaVersion : 0)
  if (found > schemaVersion)
    throw new Error(
      `the state has form ${found}, this control knows up to ${schemaVersion}: it is left as it is`,
    )
  for (const step of steps.slice(found)) step(tables)
  if (meta.get('schema') !== schemaVersion) meta.putSync('schema', schemaVersion)
}
