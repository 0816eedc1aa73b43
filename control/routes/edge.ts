// /v1/edge: what edges serve.
import type { FastifyInstance } from 'fastify'
import type { Service } from '../service.js'
import { activeConfigs, revisionOf } from '../state/sites.js'

export function edgeRoutes(app: FastifyInstance, service: Service): void {
  app.get('/edge/snapshot', { config: { scope: 'edges:sync' } }, async ({ headers }, reply) => {
    const revision = revisionOf(service.tables)
    const etag = `"${revision}"`
    reply.header('etag', etag)
    if (headers['if-none-match'] === etag) return reply.code(304).send()
    return reply.send({ revision, sites: activeConfigs(service.tables) })
  })
}
