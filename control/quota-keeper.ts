// Obeys quotas: who has used too much is not served any more, and served again when a new month begins.
import type { Service } from './service.js'
import { judgeQuota, setQuotaState } from './state/quotas.js'
import { republish } from './state/sites.js'

const actor = { id: 'control', address: '' }

/** Of these sites; resolves when edges are going to hear of it. */
export async function keepQuotas(service: Service, sites: Iterable<string>): Promise<void> {
  for (const site of sites) {
    const changed = judgeQuota(service.tables, site, service.nowMs())
    if (changed === undefined) continue
    const { before, state } = changed
    const deed = { actor, action: 'quotas:obey', target: `sites/${site}`, detail: changed }
    await service.change(deed, tables => {
      setQuotaState(tables, site, state)
      if ((before === 'hard') !== (state === 'hard')) republish(tables, site, service.nowMs())
    })
    service.events.emit(`quota.${state}`, site, { before, state })
  }
}

/** Looks now and then at all of them: a month may have begun. */
export function watchQuotas(
  service: Service,
  everyMs: number,
  onError: (error: unknown) => void,
): () => void {
  const timer = setInterval(() => {
    keepQuotas(service, [...service.tables.quotas.getKeys()]).catch(onError)
  }, everyMs).unref()
  return () => clearInterval(timer)
}
