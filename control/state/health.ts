// What an edge says of itself with each sign of life: plain, small, and shown as it came.
import { type Static, Type } from 'typebox'

const count = Type.Integer({ minimum: 0 })

export const edgeHealth = Type.Object(
  {
    /** RFC 3339: when the edge said it. */
    at: Type.String({ maxLength: 40 }),
    ready: Type.Boolean(),
    missing: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 300 }),
    uptimeMs: count,
    workers: count,
    workerDeaths: count,
    cacheBytes: count,
    cacheEntries: count,
    /** Answered so far, by all workers of this supervisor. */
    requests: count,
    origins: Type.Array(
      Type.Object(
        {
          site: Type.String({ maxLength: 300 }),
          url: Type.String({ maxLength: 2_000 }),
          state: Type.String({ maxLength: 40 }),
        },
        { additionalProperties: false },
      ),
      { maxItems: 1_000 },
    ),
  },
  { additionalProperties: false },
)
export type EdgeHealth = Static<typeof edgeHealth>

/** Origins that are otherwise than they were; of what was not known before only what is not good. */
export function originChanges(before: EdgeHealth | undefined, now: EdgeHealth): EdgeHealth['origins'] {
  const known = new Map(before?.origins.map(({ site, url, state }) => [`${site} ${url}`, state]))
  return now.origins.filter(({ site, url, state }) => (known.get(`${site} ${url}`) ?? 'good') !== state)
}
