// Who did what, and who was refused: one entry after the other, each with the hash of the one before it, so that one that was
// changed or taken out is found.
import { createHash } from 'node:crypto'
import type { Tables } from './database.js'

/** Who asks: by a token, or control itself. */
export interface Actor {
  readonly id: string
  readonly address: string
}

export interface AuditEntry {
  readonly sequence: number
  /** RFC 3339, UTC. */
  readonly at: string
  readonly actor: string
  readonly address: string
  /** Such as `versions:activate`. */
  readonly action: string
  /** Such as `sites/shop/versions/3`. */
  readonly target: string
  readonly outcome: 'done' | 'refused'
  /** Of all sites, before and after. */
  readonly revisionBefore: number
  readonly revisionAfter: number
  readonly detail: unknown
  readonly previousHash: string
  readonly hash: string
}

export type AuditDraft = Pick<AuditEntry, 'action' | 'target' | 'outcome' | 'detail'> & {
  readonly actor: Actor
  readonly nowMs: number
  readonly revisionBefore: number
}

const noHash = ''.padEnd(64, '0')

/** Within a transaction, with what it tells of. */
export function appendAudit({ audit, meta }: Tables, draft: AuditDraft): void {
  const last = lastEntry(audit)
  const entry = {
    sequence: (last?.sequence ?? 0) + 1,
    at: new Date(draft.nowMs).toISOString(),
    actor: draft.actor.id,
    address: draft.actor.address,
    action: draft.action,
    target: draft.target,
    outcome: draft.outcome,
    revisionBefore: draft.revisionBefore,
    revisionAfter: meta.get('revision') ?? 0,
    detail: draft.detail ?? null,
    previousHash: last?.hash ?? noHash,
  }
  audit.putSync(entry.sequence, { ...entry, hash: hashOf(entry) })
}

function lastEntry(audit: Tables['audit']): AuditEntry | undefined {
  for (const { value } of audit.getRange({ reverse: true, limit: 1 })) return value
  return undefined
}

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(JSON.stringify(entry)).digest('hex')
}

/** The number of the first entry that is not what was written, or follows one that is missing; undefined: all is sound. */
export function findTampering({ audit }: Pick<Tables, 'audit'>): number | undefined {
  let previous: AuditEntry | undefined
  for (const { value } of audit.getRange()) {
    const { hash, ...entry } = value
    const isNext = entry.sequence === (previous?.sequence ?? 0) + 1
    if (!isNext || entry.previousHash !== (previous?.hash ?? noHash) || hash !== hashOf(entry))
      return entry.sequence
    previous = value
  }
  return undefined
}
