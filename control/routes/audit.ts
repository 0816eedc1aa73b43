// /v1/audit: who did what, and who was refused; the newest first.
import type { FastifyInstance } from 'fastify'
import type { Service } from '../service.js'
import { findTampering } from '../state/audit.js'
import { type PageQuery, pageOf, pageQuery } from './lists.js'
import { auditEntry, page, verification } from './views.js'

export function auditRoutes(app: FastifyInstance, service: Service): void {
  app.get<{ Querystring: PageQuery }>(
    '/audit',
    {
      schema: { querystring: pageQuery, response: { 200: page(auditEntry) } },
      config: { scope: 'audit:read' },
    },
    async ({ query }) => {
      const rows = service.tables.audit.getRange({ reverse: true }).map(({ value }) => value)
      // What goes down is compared as what goes up.
      return pageOf(rows, query, ({ sequence }) => String(1e10 - sequence))
    },
  )
  app.get(
    '/audit/verification',
    { schema: { response: { 200: verification } }, config: { scope: 'audit:read' } },
    async () => {
      const firstBad = findTampering(service.tables)
      return {
        sound: firstBad === undefined,
        firstBad: firstBad ?? null,
        entries: service.tables.audit.getCount(),
      }
    },
  )
}
