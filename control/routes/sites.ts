// /v1/sites: what sites there are.
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Service } from '../service.js'
import { etagOf, type SiteRow } from '../state/rows.js'
import { createSite, removeSite, siteOf } from '../state/sites.js'
import { type PageQuery, pageOf, pageQuery } from './lists.js'
import { page, site as siteView } from './views.js'

const newSite = Type.Object(
  { name: Type.String(), config: Type.Object({}, { additionalProperties: true }) },
  { additionalProperties: false },
)

interface NewSite {
  name: string
  config: Record<string, unknown>
}

function view({ name, activeVersion, lastVersion, createdAt }: SiteRow) {
  return { name, activeVersion, lastVersion, createdAt }
}

export function siteRoutes(app: FastifyInstance, service: Service): void {
  app.get<{ Querystring: PageQuery }>(
    '/sites',
    {
      schema: { querystring: pageQuery, response: { 200: page(siteView) } },
      config: { scope: 'sites:read' },
    },
    async ({ query }) => {
      const rows = service.tables.sites.getRange().map(({ value }) => value)
      const page = pageOf(rows, query, ({ name }) => name)
      return { ...page, items: page.items.map(view) }
    },
  )
  app.post<{ Body: NewSite }>(
    '/sites',
    {
      schema: { body: newSite, response: { 201: siteView } },
      config: { scope: 'sites:write', action: 'sites:create' },
    },
    async ({ body, actor }, reply) => {
      const draft = { ...body, by: actor.id, nowMs: service.nowMs() }
      const deed = { actor, action: 'sites:create', target: `sites/${body.name}` }
      const row = await service.change(deed, tables => createSite(tables, draft, service.limits))
      return reply
        .code(201)
        .header('location', `/v1/sites/${row.name}`)
        .header('etag', etagOf(row))
        .send(view(row))
    },
  )
  app.get<{ Params: { name: string } }>(
    '/sites/:name',
    { schema: { response: { 200: siteView } }, config: { scope: 'sites:read' } },
    async ({ params }, reply) => {
      const row = siteOf(service.tables, params.name)
      return reply.header('etag', etagOf(row)).send(view(row))
    },
  )
  app.delete<{ Params: { name: string } }>(
    '/sites/:name',
    { config: { scope: 'sites:write', action: 'sites:remove' } },
    async ({ params, actor, headers }, reply) => {
      const deed = { actor, action: 'sites:remove', target: `sites/${params.name}` }
      const what = { name: params.name, nowMs: service.nowMs() }
      await service.change(deed, tables => removeSite(tables, what, headers['if-match']))
      service.events.emit('site.removed', params.name, {})
      return reply.code(204).send()
    },
  )
}
