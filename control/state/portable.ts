// Sites with their versions as plain JSON, from one control to another: without tokens, audit and usage, which are its own.
import { conflict, type FaultDetail, invalid } from '../problem.js'
import type { Tables } from './database.js'
import { type SiteRow, versionKey } from './rows.js'
import { activate, faultsOf, type Limits, nameFaults, revisionOf, versionOf, versionsOf } from './sites.js'

export interface PortableSites {
  readonly format: 1
  readonly exportedAt: string
  readonly revision: number
  readonly sites: readonly PortableSite[]
}

interface PortableSite extends Pick<SiteRow, 'name' | 'activeVersion' | 'createdAt'> {
  readonly versions: readonly {
    readonly number: number
    readonly config: Readonly<Record<string, unknown>>
    readonly comment: string
    readonly createdAt: string
    readonly createdBy: string
    readonly activatedAt: string | null
  }[]
}

export function exportSites(tables: Tables, nowMs: number): PortableSites {
  const sites = [...tables.sites.getRange()].map(({ value: { name, activeVersion, createdAt } }) => {
    const versions = versionsOf(tables, name).map(
      ({ site: _, state: __, change: ___, ...version }) => version,
    )
    return { name, activeVersion, createdAt, versions }
  })
  return { format: 1, exportedAt: new Date(nowMs).toISOString(), revision: revisionOf(tables), sites }
}

/** Within a transaction: all of them or, when it throws, none. Sites that are there already are not touched: a conflict. */
export function importSites(
  tables: Tables,
  { sites }: PortableSites,
  limits: Limits,
  nowMs: number,
): { sites: number; revision: number } {
  const known = sites.filter(({ name }) => tables.sites.doesExist(name)).map(({ name }) => name)
  if (known.length > 0) throw conflict('site-exists', `There are already: ${known.slice(0, 20).join(', ')}.`)
  if (tables.sites.getCount() + sites.length > limits.sitesMax)
    throw conflict('too-many-sites', `There may be ${limits.sitesMax} sites.`)
  const misfits = sites.flatMap((site, at) => misfitsOf(site, `/sites/${at}`, limits))
  if (misfits.length > 0) throw invalid(misfits)
  for (const site of sites) put(tables, site)
  const faults = sites.flatMap((site, at) => serve(tables, site, at, nowMs))
  if (faults.length > 0) throw invalid(faults)
  return { sites: sites.length, revision: revisionOf(tables) }
}

function misfitsOf(
  { name, versions, activeVersion }: PortableSite,
  at: string,
  { versionsMax }: Limits,
): FaultDetail[] {
  const faults = nameFaults(name, `${at}/name`)
  const numbers = new Set(versions.map(({ number }) => number))
  const fault = (pointer: string, code: string, detail: string) =>
    faults.push({ pointer: `${at}${pointer}`, code, detail })
  if (numbers.size < versions.length) fault('/versions', 'version', 'expected each number once')
  if (versions.length > versionsMax) fault('/versions', 'versions', `expected at most ${versionsMax}`)
  if (activeVersion !== null && !numbers.has(activeVersion))
    fault('/activeVersion', 'version', 'is none of its versions')
  return faults
}

function put({ sites, versions }: Tables, { name, createdAt, versions: all }: PortableSite): void {
  const lastVersion = Math.max(...all.map(({ number }) => number))
  sites.putSync(name, { name, activeVersion: null, lastVersion, createdAt, change: 1 })
  for (const version of all) {
    const state = version.activatedAt === null ? 'draft' : 'past'
    versions.putSync(versionKey(name, version.number), { ...version, site: name, state, change: 1 })
  }
}

function serve(tables: Tables, site: PortableSite, at: number, nowMs: number): FaultDetail[] {
  const { name, activeVersion } = site
  if (activeVersion === null) return []
  const { comment } = versionOf(tables, name, activeVersion)
  const faults = faultsOf(tables, versionOf(tables, name, activeVersion))
  if (faults.length === 0) activate(tables, { name, number: activeVersion, comment, nowMs }, '*')
  return faults.map(fault => ({ ...fault, pointer: `/sites/${at}${fault.pointer}` }))
}
