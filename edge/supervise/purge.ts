// POST /purges of the admin interface: reads what is to be purged, has the keeper put it into force, and answers when it
// is: from then on every worker obeys.
import { randomUUID } from 'node:crypto'
import type { EdgeConfig } from '../../config/settings.js'
import type { PurgeRule } from '../cache/purges/rule.js'
import { EdgeError } from '../error.js'
import type { Counted } from '../keep/purge-count.js'
import type { Logger } from '../usage/logger.js'
import type { Answer } from './admin.js'
import { type PurgeProblem, type PurgeRequest, readPurge } from './purge-request.js'

/** The keeper, as far as it is needed here; rejects with an EdgeError. */
export interface PurgeKeeper {
  purge(rules: readonly PurgeRule[]): Promise<number>
  countPurged(rules: readonly PurgeRule[], timeMs: number): Promise<Counted>
}

export interface PurgeBasis {
  /** Of the sites that are served now. */
  config: Pick<EdgeConfig, 'sites' | 'limits'>
  keeper: PurgeKeeper
  log: Logger
}

/** `text`: the body of the request. Never rejects but for what must not happen. */
export async function answerPurge(text: string, { config, keeper, log }: PurgeBasis): Promise<Answer> {
  const { purgeItemsMax: itemsMax, dryRunMs } = config.limits
  const body = parse(text)
  if (!body.ok) return refused(400, 'purge-no-json', `the body is no JSON: ${body.why}`)
  const read = readPurge(body.value, { sites: config.sites, itemsMax, nowMs: Date.now() })
  if (!read.ok) return refused(400, 'purge-wrong', 'nothing was purged', read.problems)
  const { request } = read
  try {
    if (request.isDryRun) return countedOf(await keeper.countPurged(request.rules, dryRunMs))
    return await purged(request, keeper, log)
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error
    log.warn({ ...linesOf(request), err: error }, 'a purge was refused')
    return refused(error.status, error.code, error.message)
  }
}

async function purged(request: PurgeRequest, keeper: PurgeKeeper, log: Logger): Promise<Answer> {
  const id = randomUUID()
  const sequence = await keeper.purge(request.rules)
  log.info({ ...linesOf(request), id, sequence }, 'purged')
  return json(200, { id, sequence, applied: true })
}

function linesOf({ kind, site, isSoft, rules }: PurgeRequest): Record<string, unknown> {
  return { kind, site, items: rules.length, soft: isSoft }
}

function countedOf({ entries, scanned, isComplete: complete }: Counted): Answer {
  return json(200, { dryRun: true, entries, scanned, complete })
}

function parse(text: string): { ok: true; value: unknown } | { ok: false; why: string } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, why: (error as Error).message }
  }
}

function refused(status: number, code: string, message: string, problems?: readonly PurgeProblem[]): Answer {
  return json(status, { error: { code, message, ...(problems && { problems }) } })
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
