// Sites and their versions: drafts that may be changed, one of each site that edges serve, and those that were. All within
// transactions: what throws changes nothing.
import { judgeSites } from '../../config/judge-sites.js'
import { conflict, type FaultDetail, invalid, notFound, Problem } from '../problem.js'
import type { Tables } from './database.js'
import { appendFeed } from './feed.js'
import { isOverQuota } from './quotas.js'
import { etagOf, type SiteRow, type VersionRow, versionKey } from './rows.js'

export type SiteConfigDraft = Readonly<Record<string, unknown>>

export interface Limits {
  readonly sitesMax: number
  readonly versionsMax: number
}

const nameForm = /^[a-z0-9*._-]{1,255}$/

export function siteOf({ sites }: Tables, name: string): SiteRow {
  const row = sites.get(name)
  if (row === undefined) throw notFound(`site ${name}`)
  return row
}

export function versionOf(tables: Tables, name: string, number: number): VersionRow {
  siteOf(tables, name)
  const row = tables.versions.get(versionKey(name, number))
  if (row === undefined) throw notFound(`version ${number} of ${name}`)
  return row
}

/** RFC 9110 13.1.1: who changes what somebody else has changed meanwhile is told so. */
export function mustMatch(ifMatch: string | undefined, row: { change: number }): void {
  if (ifMatch === undefined)
    throw new Problem(428, 'if-match-needed', 'Say with If-Match which state is to be changed.')
  if (ifMatch.trim() === '*' || ifMatch.split(',').some(tag => tag.trim() === etagOf(row))) return
  throw new Problem(412, 'changed-meanwhile', `It has changed since: its ETag is ${etagOf(row)}.`)
}

export function nameFaults(name: string, pointer: string): FaultDetail[] {
  if (nameForm.test(name)) return []
  return [{ pointer, code: 'site-name', detail: 'expected 1 to 255 characters of a-z 0-9 * . _ -' }]
}

/** A site with its first version, a draft. */
export function createSite(
  tables: Tables,
  { name, config, by, nowMs }: { name: string; config: SiteConfigDraft; by: string; nowMs: number },
  limits: Limits,
): SiteRow {
  const faults = nameFaults(name, '/name')
  if (faults.length > 0) throw invalid(faults)
  if (tables.sites.doesExist(name)) throw conflict('site-exists', `There is a site ${name} already.`)
  if (tables.sites.getCount() >= limits.sitesMax)
    throw conflict('too-many-sites', `There are ${limits.sitesMax} sites.`)
  const createdAt = new Date(nowMs).toISOString()
  const row: SiteRow = { name, activeVersion: null, lastVersion: 1, createdAt, change: 1 }
  tables.sites.putSync(name, row)
  putVersion(tables, draftOf(name, 1, config, by, createdAt))
  return row
}

/** A site that no edge serves. */
export function removeSite(
  tables: Tables,
  { name, nowMs }: { name: string; nowMs: number },
  ifMatch: string | undefined,
): void {
  const row = siteOf(tables, name)
  mustMatch(ifMatch, row)
  claimHosts(tables, name, activeConfigOf(tables, name), undefined)
  if (row.activeVersion !== null) publish(tables, name, null, nowMs)
  for (const { number } of versionsOf(tables, name)) tables.versions.removeSync(versionKey(name, number))
  tables.sites.removeSync(name)
}

/** A draft: a copy of `from`, else of the active version, else of the last. */
export function beginVersion(
  tables: Tables,
  { name, from, by, nowMs }: { name: string; from: number | undefined; by: string; nowMs: number },
  { versionsMax }: Limits,
): VersionRow {
  const site = siteOf(tables, name)
  if (versionsOf(tables, name).length >= versionsMax) {
    throw conflict(
      'too-many-versions',
      `The site has ${versionsMax} versions: remove drafts that nobody needs.`,
    )
  }
  const { config } = versionOf(tables, name, from ?? site.activeVersion ?? site.lastVersion)
  const number = site.lastVersion + 1
  putSite(tables, { ...site, lastVersion: number })
  return putVersion(tables, draftOf(name, number, config, by, new Date(nowMs).toISOString()))
}

export function changeVersion(
  tables: Tables,
  name: string,
  number: number,
  config: SiteConfigDraft,
  ifMatch: string | undefined,
): VersionRow {
  const row = versionOf(tables, name, number)
  mustMatch(ifMatch, row)
  if (row.state !== 'draft')
    throw conflict('not-a-draft', `Version ${number} was activated: begin another one.`)
  return putVersion(tables, { ...row, config, change: row.change + 1 })
}

export function versionsOf({ versions }: Tables, name: string): VersionRow[] {
  const range = versions.getRange({ start: versionKey(name, 0), end: `${name}0` })
  return [...range].map(({ value }) => value)
}

/** What would be wrong if it were active beside all others that are; empty: nothing. */
export function faultsOf({ hosts }: Tables, { site, config }: VersionRow): FaultDetail[] {
  const faults = judgeSites([{ ...config, name: site }]).map(({ pointer, message }) => ({
    pointer: `/config${pointer}`,
    code: 'config',
    detail: message,
  }))
  for (const [at, host] of hostsOf(config).entries()) {
    const owner = hosts.get(host)
    if (owner === undefined || owner === site) continue
    const detail = `"${host}" is already a host of the site ${owner}, expected each host once`
    faults.push({ pointer: `/config/hosts/${at}`, code: 'config', detail })
  }
  return faults
}

/** As far as they can be hosts. */
function hostsOf(config: SiteConfigDraft | undefined): string[] {
  const hosts = config?.hosts
  return Array.isArray(hosts) ? hosts.filter(host => typeof host === 'string' && host.length <= 300) : []
}

/** Within a transaction: what is served now has these hosts, and no others. */
export function claimHosts(
  { hosts }: Tables,
  site: string,
  before: SiteConfigDraft | undefined,
  now: SiteConfigDraft | undefined,
) {
  for (const host of hostsOf(before)) hosts.removeSync(host)
  for (const host of hostsOf(now)) hosts.putSync(host, site)
}

/** What edges serve, as they are configured. */
export function activeConfigs(tables: Tables): (SiteConfigDraft & { name: string })[] {
  const active: (SiteConfigDraft & { name: string })[] = []
  for (const { value: site } of tables.sites.getRange()) {
    if (site.activeVersion === null) continue
    active.push({ ...servedConfig(tables, site.name, site.activeVersion), name: site.name })
  }
  return active
}

/** Of the version that edges serve. */
export function activeConfigOf(tables: Tables, name: string): SiteConfigDraft | undefined {
  const { activeVersion } = siteOf(tables, name)
  return activeVersion === null ? undefined : versionOf(tables, name, activeVersion).config
}

/** Edges serve this version from now on; one that was before is rolled back to. `ifMatch`: of the site. */
export function activate(
  tables: Tables,
  { name, number, comment, nowMs }: { name: string; number: number; comment: string; nowMs: number },
  ifMatch: string | undefined,
): SiteRow {
  const site = siteOf(tables, name)
  mustMatch(ifMatch, site)
  const version = versionOf(tables, name, number)
  if (site.activeVersion === number) throw conflict('already-active', `Version ${number} is active already.`)
  const faults = faultsOf(tables, version)
  if (faults.length > 0) throw invalid(faults)
  claimHosts(tables, name, activeConfigOf(tables, name), version.config)
  if (site.activeVersion !== null) {
    const before = versionOf(tables, name, site.activeVersion)
    putVersion(tables, { ...before, state: 'past', change: before.change + 1 })
  }
  const activatedAt = new Date(nowMs).toISOString()
  putVersion(tables, { ...version, state: 'active', comment, activatedAt, change: version.change + 1 })
  publish(tables, name, number, nowMs)
  return putSite(tables, { ...site, activeVersion: number })
}

export function revisionOf({ meta }: Tables): number {
  return meta.get('revision') ?? 0
}

export function epochOf({ meta }: Tables): number {
  return meta.get('epoch')!
}

/** Edges hear anew how this site is to be served, if it is. */
export function republish(tables: Tables, name: string, nowMs: number): void {
  const version = tables.sites.get(name)?.activeVersion
  if (version !== undefined && version !== null) publish(tables, name, version, nowMs)
}

/** What edges are told of a version. */
export function servedConfig(tables: Tables, name: string, version: number): SiteConfigDraft | undefined {
  const config = tables.versions.get(versionKey(name, version))?.config
  return config !== undefined && isOverQuota(tables, name) ? { ...config, overQuota: true } : config
}

/** Edges are to serve this version, or the site no more. */
function publish(tables: Tables, name: string, version: number | null, nowMs: number): void {
  const revision = revisionOf(tables) + 1
  tables.meta.putSync('revision', revision)
  appendFeed(tables, { kind: 'site', revision, name, version }, nowMs)
}

function draftOf(
  site: string,
  number: number,
  config: SiteConfigDraft,
  by: string,
  createdAt: string,
): VersionRow {
  const { name: _, ...rest } = config
  return {
    site,
    number,
    state: 'draft',
    config: rest,
    comment: '',
    createdAt,
    createdBy: by,
    activatedAt: null,
    change: 1,
  }
}

function putSite({ sites }: Tables, row: SiteRow): SiteRow {
  const next = { ...row, change: row.change + 1 }
  sites.putSync(row.name, next)
  return next
}

function putVersion({ versions }: Tables, row: VersionRow): VersionRow {
  versions.putSync(versionKey(row.site, row.number), row)
  return row
}
