// Lists of the API, page by page: `?limit=&cursor=` -> `{ items, nextCursor }`.
import { Type } from 'typebox'

const limitDefault = 100
const limitMax = 1_000

export const pageQuery = Type.Object(
  { limit: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,3}$' })), cursor: Type.Optional(Type.String()) },
  { additionalProperties: false },
)

export interface PageQuery {
  limit?: string
  cursor?: string
}

/** `keyOf` tells where a page that begins after an item goes on. */
export function pageOf<Item>(
  all: Iterable<Item>,
  { limit, cursor }: PageQuery,
  keyOf: (item: Item) => string,
): { items: Item[]; nextCursor: string | null } {
  const most = Math.min(Number(limit ?? limitDefault), limitMax)
  const items: Item[] = []
  for (const item of all) {
    if (cursor !== undefined && keyOf(item) <= cursor) continue
    if (items.length === most) return { items, nextCursor: keyOf(items.at(-1)!) }
    items.push(item)
  }
  return { items, nextCursor: null }
}
