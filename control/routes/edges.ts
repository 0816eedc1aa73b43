// /v1/edges: which edges there are, which sites they serve, how they are.
import type { FastifyInstance } from 'fastify'
import type { Service } from '../service.js'
import { type EdgeRow, edgeOf } from '../state/edges.js'
import { lastPosition } from '../state/feed.js'
import { revisionOf } from '../state/sites.js'
import { type PageQuery, pageOf, pageQuery } from './lists.js'
import { edge as edgeView, page } from './views.js'

function viewOf({ tables, live }: Service, row: EdgeRow) {
  const listener = live.get(row.id)
  const revision = revisionOf(tables)
  return {
    ...row,
    state: listener === undefined ? 'down' : 'up',
    connectedAt: listener === undefined ? null : new Date(listener.sinceMs).toISOString(),
    /** It serves what is not what it is to serve. */
    drift: row.revision !== revision,
    revisionWanted: revision,
    /** Entries of the feed that it has not obeyed yet. */
    behind: lastPosition(tables) - row.position,
    health: live.healthOf(row.id) ?? null,
  }
}

export function edgesRoutes(app: FastifyInstance, service: Service): void {
  const { tables } = service
  app.get<{ Querystring: PageQuery }>(
    '/edges',
    {
      schema: { querystring: pageQuery, response: { 200: page(edgeView) } },
      config: { scope: 'sites:read' },
    },
    async ({ query }) => {
      const rows = tables.edges.getRange().map(({ value }) => value)
      const page = pageOf(rows, query, ({ id }) => id)
      return { ...page, items: page.items.map(row => viewOf(service, row)) }
    },
  )
  app.get<{ Params: { id: string } }>(
    '/edges/:id',
    { schema: { response: { 200: edgeView } }, config: { scope: 'sites:read' } },
    async ({ params }) => viewOf(service, edgeOf(tables, params.id)),
  )
  app.delete<{ Params: { id: string } }>(
    '/edges/:id',
    { config: { scope: 'admin', action: 'edges:forget' } },
    async ({ params: { id }, actor }, reply) => {
      await service.change({ actor, action: 'edges:forget', target: `edges/${id}` }, all => {
        edgeOf(all, id)
        all.edges.removeSync(id)
      })
      service.live.forget(id)
      return reply.code(204).send()
    },
  )
}
