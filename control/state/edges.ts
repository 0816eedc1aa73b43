// What is known of each edge: who it is, how far it has come, which sites it serves. That it is there at this moment is
// live.ts's.
import { conflict, notFound } from '../problem.js'
import type { Tables } from './database.js'

export interface EdgeRow {
  /** Its own, made at its first start. */
  readonly id: string
  /** For people; need not be the only one of its name. */
  readonly name: string
  readonly version: string
  /** Of the token by which it came last. */
  readonly tokenId: string
  readonly address: string
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  /** Everything up to there has been obeyed or refused. */
  readonly position: number
  /** Of the sites that it serves; null: none of ours. */
  readonly revision: number | null
  /** The last one that it would not serve, until it serves a later one. */
  readonly refused: {
    readonly revision: number
    readonly at: string
    readonly reasons: readonly string[]
  } | null
}

export type Arrival = Pick<EdgeRow, 'id' | 'name' | 'version' | 'tokenId' | 'address'>

export function edgeOf({ edges }: Pick<Tables, 'edges'>, id: string): EdgeRow {
  const row = edges.get(id)
  if (row === undefined) throw notFound(`edge ${id}`)
  return row
}

/** Within a transaction. */
export function arrive(
  { edges }: Tables,
  arrival: Arrival,
  { nowMs, edgesMax }: { nowMs: number; edgesMax: number },
): EdgeRow {
  const at = new Date(nowMs).toISOString()
  const before = edges.get(arrival.id)
  if (before === undefined && edges.getCount() >= edgesMax)
    throw conflict('too-many-edges', `There are ${edgesMax} edges.`)
  const row = {
    ...(before ?? { firstSeenAt: at, position: 0, revision: null, refused: null }),
    ...arrival,
    lastSeenAt: at,
  }
  edges.putSync(arrival.id, row)
  return row
}

/** Within a transaction. */
export function progress(
  tables: Tables,
  id: string,
  change: Partial<Pick<EdgeRow, 'position' | 'revision' | 'refused' | 'lastSeenAt'>>,
): void {
  tables.edges.putSync(id, { ...edgeOf(tables, id), ...change })
}
