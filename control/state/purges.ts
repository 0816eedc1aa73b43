// Purges and what became of them at each edge. A purge is one entry of the feed; an edge that was away obeys when it is
// back.
import type { Tables } from './database.js'

export type PurgeKind = 'url' | 'prefix' | 'tag' | 'site' | 'all'

export interface PurgeRow {
  readonly id: string
  /** Its place in the feed: purges take effect in this order. */
  readonly sequence: number
  readonly kind: PurgeKind
  /** null: of kind `all`. */
  readonly site: string | null
  readonly items: readonly string[]
  readonly soft: boolean
  readonly createdAt: string
  readonly createdBy: string
  /** Ids of the edges that were known then. */
  readonly edges: readonly string[]
}

/** What one edge said. */
export interface ReceiptRow {
  readonly state: 'applied' | 'refused'
  readonly at: string
  /** The edge's own number of it. */
  readonly localSequence: number | null
  readonly reasons: readonly string[]
}

export interface Receipt extends Omit<ReceiptRow, 'state' | 'at'> {
  readonly edge: string
  readonly name: string
  /** `pending`: the edge is there and has not answered; `unreachable`: it is away, and obeys when it is back. */
  readonly state: ReceiptRow['state'] | 'pending' | 'unreachable'
  readonly at: string | null
}

export function receiptKey(sequence: number, edge: string): string {
  return `${String(sequence).padStart(16, '0')}/${edge}`
}

/** One for each edge that was known when it was purged and still is. */
export function receiptsOf(
  { receipts, edges }: Tables,
  purge: PurgeRow,
  isLive: (edge: string) => boolean,
): Receipt[] {
  return purge.edges.flatMap(id => {
    const edge = edges.get(id)
    if (edge === undefined) return []
    const known = receipts.get(receiptKey(purge.sequence, id)) ?? impliedOf(edge, purge)
    const waits = {
      state: isLive(id) ? 'pending' : 'unreachable',
      at: null,
      localSequence: null,
      reasons: [],
    }
    return [{ edge: id, name: edge.name, ...(known ?? waits) } as Receipt]
  })
}

/** An edge keeps how far it has come only after it has obeyed: what it said of it was lost. */
function impliedOf(
  { position, lastSeenAt }: { position: number; lastSeenAt: string },
  { sequence }: PurgeRow,
): ReceiptRow | undefined {
  if (position < sequence) return undefined
  return { state: 'applied', at: lastSeenAt, localSequence: null, reasons: [] }
}

export interface PurgeCounts {
  total: number
  applied: number
  pending: number
  unreachable: number
  refused: number
}

export function countsOf(receipts: readonly Receipt[]): PurgeCounts {
  const counts = { total: receipts.length, applied: 0, pending: 0, unreachable: 0, refused: 0 }
  for (const { state } of receipts) counts[state] += 1
  return counts
}

/** `partial`: those that are there have obeyed, others are away. */
export function stateOf({ pending, unreachable, refused }: PurgeCounts) {
  if (pending > 0) return 'pending'
  if (refused > 0) return 'refused'
  return unreachable > 0 ? 'partial' : 'applied'
}

/** Within a transaction: with its entry of the feed. */
export function removePurge({ purges, receipts }: Tables, id: string): void {
  const row = purges.get(id)
  if (row === undefined) return
  for (const edge of row.edges) receipts.removeSync(receiptKey(row.sequence, edge))
  purges.removeSync(id)
}
