// What a site may use in a month: above the soft bound somebody is warned, above the hard one edges answer 429.
import type { Tables } from './database.js'
import { monthlyUsage } from './usage.js'

export interface Bounds {
  readonly soft: number | null
  readonly hard: number | null
}

export type QuotaState = 'under' | 'soft' | 'hard'

export interface QuotaRow {
  readonly requests: Bounds
  readonly bytesOut: Bounds
  readonly state: QuotaState
  readonly change: number
}

/** What its state has to be now, and was; undefined: there is no quota, or nothing has changed. */
export function judgeQuota(
  tables: Tables,
  site: string,
  nowMs: number,
): { before: QuotaState; state: QuotaState } | undefined {
  const row = tables.quotas.get(site)
  if (row === undefined) return undefined
  const used = monthlyUsage(tables, site, nowMs)
  const over = (kind: 'soft' | 'hard') =>
    (['requests', 'bytesOut'] as const).some(
      name => used[name] >= (row[name][kind] ?? Number.POSITIVE_INFINITY),
    )
  const state = over('hard') ? 'hard' : over('soft') ? 'soft' : 'under'
  return state === row.state ? undefined : { before: row.state, state }
}

/** Within a transaction. */
export function setQuotaState({ quotas }: Tables, site: string, state: QuotaState): void {
  quotas.putSync(site, { ...quotas.get(site)!, state })
}

/** Its requests are to be answered 429. */
export function isOverQuota({ quotas }: Pick<Tables, 'quotas'>, site: string): boolean {
  return quotas.get(site)?.state === 'hard'
}
