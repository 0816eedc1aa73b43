// What edges have to hear, one entry after the other: sites that are served from now on, and purges. An edge says how far
// it has come and gets what follows; what is older than is kept cannot be replayed.
import type { Tables } from './database.js'

export type FeedRow = { readonly position: number; readonly atMs: number } & (
  | {
      readonly kind: 'site'
      readonly revision: number
      readonly name: string
      /** null: it is served no more. */
      readonly version: number | null
    }
  | { readonly kind: 'purge'; readonly id: string }
)

export type FeedDraft = FeedRow extends infer Row
  ? Row extends FeedRow
    ? Omit<Row, 'position' | 'atMs'>
    : never
  : never

/** Of the last entry; 0: there was none. */
export function lastPosition({ meta }: Pick<Tables, 'meta'>): number {
  return meta.get('position') ?? 0
}

/** Within a transaction. */
export function appendFeed({ feed, meta }: Tables, draft: FeedDraft, nowMs: number): number {
  const position = lastPosition({ meta }) + 1
  feed.putSync(position, { ...draft, position, atMs: nowMs } as FeedRow)
  meta.putSync('position', position)
  return position
}

/** Whether everything behind `position` is still there; not, too, when it is of another control. */
export function isReplayable({ feed, meta }: Tables, position: number): boolean {
  const last = lastPosition({ meta })
  if (position > last) return false
  const [first = last + 1] = [...feed.getKeys({ limit: 1 })]
  return position + 1 >= first
}

export function feedAfter({ feed }: Tables, position: number, limit: number): FeedRow[] {
  return [...feed.getRange({ start: position + 1, limit })].map(({ value }) => value)
}

/** With each that comes more may leave, so that they become fewer. */
const leavingMax = 4

/** Within a transaction: what is too old, or too much; `onLeaving` hears of each. */
export function pruneFeed(
  { feed }: Tables,
  { feedEntriesMax, feedMs }: { feedEntriesMax: number; feedMs: number },
  nowMs: number,
  onLeaving: (row: FeedRow) => void,
): void {
  for (const { key, value } of [...feed.getRange({ limit: leavingMax })]) {
    if (nowMs - value.atMs <= feedMs && feed.getCount() <= feedEntriesMax) return
    feed.removeSync(key)
    onLeaving(value)
  }
}
