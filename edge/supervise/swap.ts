// Swaps the sites in every worker or in none: all prepare, then all commit. Where the sites come from is reload.ts's.
import type { SiteConfig } from '../../config/settings.js'
import type { Generation } from './generation.js'

const swapTimeoutMs = 5_000

/** What a swap needs of a worker; `Link` is one. */
export interface Swappable {
  readonly slot: number
  prepare(revision: number, sites: readonly SiteConfig[], timeoutMs: number): Promise<void>
  commit(revision: number, timeoutMs: number): Promise<void>
  discard(): void
}

export interface SwapOptions {
  revision: number
  sites: readonly SiteConfig[]
  /** For all to prepare together, and again for all to commit. */
  timeoutMs: number
  /** The workers that run now; asked again, because one may have started meanwhile. */
  workers(): readonly Swappable[]
  /** Called when all have prepared and before any commits: who starts from now on starts with the new sites. */
  adopt(): void
}

export type SwapResult = { ok: true } | { ok: false; reason: string }

/** Swaps the sites of a generation; `adopted` is called with no turn of the loop after those to come get the new ones. */
export function swapGeneration(
  serving: Generation,
  sites: readonly SiteConfig[],
  adopted: () => void,
): Promise<SwapResult> {
  const revision = serving.revision + 1
  return swapSites({
    revision,
    sites,
    timeoutMs: swapTimeoutMs,
    workers: () => serving.links().filter(link => link.state !== 'draining'),
    adopt: () => {
      serving.adopt({ ...serving.config, sites: [...sites] }, revision)
      adopted()
    },
  })
}

/** Resolves when every worker uses the new sites, or with the reason why every worker stays with the old. */
export async function swapSites(options: SwapOptions): Promise<SwapResult> {
  const asked = new Set<Swappable>()
  const reason = await prepareAll(options, asked)
  if (reason !== undefined) {
    for (const worker of asked) worker.discard()
    return { ok: false, reason }
  }
  options.adopt()
  // A worker that dies instead of answering is started again with the new sites: nothing to undo.
  await Promise.allSettled([...asked].map(worker => worker.commit(options.revision, options.timeoutMs)))
  return { ok: true }
}

/** Asks until there is no running worker that has not prepared; no turn of the loop lies between that and adopting. */
async function prepareAll(options: SwapOptions, asked: Set<Swappable>): Promise<string | undefined> {
  const endMs = performance.now() + options.timeoutMs
  for (;;) {
    const missing = options.workers().filter(worker => !asked.has(worker))
    if (missing.length === 0) return undefined
    const reason = await prepareSome(missing, options, Math.max(1, Math.round(endMs - performance.now())))
    for (const worker of missing) asked.add(worker)
    if (reason !== undefined) return reason
  }
}

async function prepareSome(
  workers: readonly Swappable[],
  { revision, sites }: SwapOptions,
  timeoutMs: number,
): Promise<string | undefined> {
  const results = await Promise.allSettled(workers.map(worker => worker.prepare(revision, sites, timeoutMs)))
  const failed = results.findIndex(result => result.status === 'rejected')
  if (failed === -1) return undefined
  return `worker ${workers[failed]!.slot}: ${((results[failed] as PromiseRejectedResult).reason as Error).message}`
}
