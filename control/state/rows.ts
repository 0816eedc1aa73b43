// What is kept of a site and of each of its versions. Times are RFC 3339, UTC.

export interface SiteRow {
  readonly name: string
  /** The version that edges serve; null: none. */
  readonly activeVersion: number | null
  readonly lastVersion: number
  readonly createdAt: string
  /** Counts up with each change of this row: its ETag. */
  readonly change: number
}

export interface VersionRow {
  readonly site: string
  readonly number: number
  /** `draft`: may be changed; `active`: served; `past`: was. What is not a draft never changes again. */
  readonly state: 'draft' | 'active' | 'past'
  /** As it was written, without its name: that is the site's. */
  readonly config: Readonly<Record<string, unknown>>
  readonly comment: string
  readonly createdAt: string
  readonly createdBy: string
  readonly activatedAt: string | null
  readonly change: number
}

export function versionKey(site: string, number: number): string {
  return `${site}/${String(number).padStart(10, '0')}`
}

export function etagOf({ change }: { change: number }): string {
  return `"${change}"`
}
