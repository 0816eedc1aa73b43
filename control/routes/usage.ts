// /v1/usage: what edges say that sites have used, and who asks for it; /v1/sites/{name}/quota: how much that may be.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { usageFields } from '../../config/usage-fields.js'
import { notFound, Problem } from '../problem.js'
import { keepQuotas } from '../quota-keeper.js'
import type { Service } from '../service.js'
import { edgeOf } from '../state/edges.js'
import type { QuotaRow } from '../state/quotas.js'
import { etagOf } from '../state/rows.js'
import { mustMatch, siteOf } from '../state/sites.js'
import { allows } from '../state/tokens.js'
import {
  monthlyUsage,
  monthOf,
  pruneUsage,
  takeUsage,
  type UsageItem,
  usageCsv,
  usageOf,
} from '../state/usage.js'
import { quota as quotaView, usage as usageView } from './views.js'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const bound = Type.Union([count, Type.Null()])
const bounds = Type.Object({ soft: bound, hard: bound }, closed)
const time = Type.Optional(Type.String({ format: 'date-time' }))

const reported = Type.Object(
  {
    edge: Type.String({ maxLength: 64 }),
    file: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
    final: Type.Boolean(),
    rows: Type.Array(
      Type.Object(
        {
          site: Type.String({ minLength: 1, maxLength: 255, pattern: '^[^/]+$' }),
          hour: Type.Integer({ minimum: 0, maximum: 9_999_999 }),
          totals: Type.Array(count, { minItems: usageFields.length, maxItems: usageFields.length }),
        },
        closed,
      ),
      { maxItems: 1_000 },
    ),
  },
  closed,
)

const asked = Type.Object(
  {
    site: Type.Optional(Type.String()),
    from: time,
    to: time,
    granularity: Type.Optional(Type.Enum(['hour', 'day', 'month'])),
    format: Type.Optional(Type.Enum(['json', 'csv'])),
  },
  closed,
)
const quota = Type.Object({ requests: bounds, bytesOut: bounds }, closed)

const dayMs = 24 * 3_600_000
/** A longer answer has to be asked for in parts. */
const itemsMax = 50_000
/** With each report a few of the old hours of its sites leave. */
const prunedAtOnce = 48

export function usageRoutes(app: FastifyInstance, service: Service): void {
  app.post<{ Body: Static<typeof reported> }>(
    '/edge/usage',
    { schema: { body: reported }, config: { scope: 'edges:sync' } },
    async ({ body }, reply) => {
      edgeOf(service.tables, body.edge)
      const nowMs = service.nowMs()
      const touched = await service.database.commit(tables => {
        const sites = takeUsage(tables, body, nowMs)
        for (const site of sites) pruneUsage(tables, site, nowMs - service.limits.usageMs, prunedAtOnce)
        return sites
      })
      await keepQuotas(service, touched)
      return reply.code(204).send()
    },
  )
  app.get<{ Querystring: Static<typeof asked> }>(
    '/usage',
    {
      schema: {
        querystring: asked,
        response: {
          200: {
            content: { 'application/json': { schema: usageView }, 'text/csv': { schema: Type.String() } },
          },
        },
      },
      config: { scope: 'usage:read', isOfSomeSite: true },
    },
    async (request, reply) => {
      const items = itemsOf(service, request)
      const isCsv = request.query.format === 'csv' || request.headers.accept === 'text/csv'
      if (isCsv) return reply.type('text/csv; charset=utf-8').send(usageCsv(items))
      return { items, totals: totalsOf(items) }
    },
  )
  quotaRoutes(app, service)
}

function itemsOf(
  service: Service,
  request: FastifyRequest<{ Querystring: Static<typeof asked> }>,
): UsageItem[] {
  const { site, from, to, granularity = 'hour' } = request.query
  const toMs = to === undefined ? service.nowMs() + 1 : Date.parse(to)
  const fromMs = from === undefined ? toMs - dayMs : Date.parse(from)
  if (fromMs >= toMs) throw new Problem(400, 'range', 'The range is empty: from is to be before to.')
  const items: UsageItem[] = []
  for (const item of usageOf(service.tables, {
    sites: sitesOf(service, request, site),
    fromMs,
    toMs,
    granularity,
  })) {
    if (items.length === itemsMax)
      throw new Problem(400, 'range', `That would be more than ${itemsMax} items: ask for less at once.`)
    items.push(item)
  }
  return items
}

/** Those of the token, or the one that is asked for: it may be gone, its use is not. */
function sitesOf({ tables }: Service, { token }: FastifyRequest, site: string | undefined): Iterable<string> {
  if (site === undefined) return token!.sites ?? tables.sites.getKeys()
  if (!allows(token!, 'usage:read', site))
    throw new Problem(403, 'not-allowed', `This token lacks usage:read for ${site}.`)
  return [site]
}

function totalsOf(items: readonly UsageItem[]) {
  return Object.fromEntries(usageFields.map(name => [name, items.reduce((sum, item) => sum + item[name], 0)]))
}

function quotaRoutes(app: FastifyInstance, service: Service): void {
  const { tables } = service
  const view = (name: string, { change: _, ...row }: QuotaRow) => {
    const { requests, bytesOut } = monthlyUsage(tables, name, service.nowMs())
    return { ...row, month: monthOf(service.nowMs()), used: { requests, bytesOut } }
  }
  const rowOf = (name: string) => {
    siteOf(tables, name)
    const row = tables.quotas.get(name)
    if (row === undefined) throw notFound(`quota of ${name}`)
    return row
  }
  app.get<{ Params: { name: string } }>(
    '/sites/:name/quota',
    { schema: { response: { 200: quotaView } }, config: { scope: 'usage:read' } },
    async ({ params: { name } }, reply) => {
      const row = rowOf(name)
      return reply.header('etag', etagOf(row)).send(view(name, row))
    },
  )
  app.put<{ Params: { name: string }; Body: Static<typeof quota> }>(
    '/sites/:name/quota',
    {
      schema: { body: quota, response: { 200: quotaView } },
      config: { scope: 'sites:write', action: 'quotas:set' },
    },
    async ({ params: { name }, body, actor, headers }, reply) => {
      const deed = { actor, action: 'quotas:set', target: `sites/${name}`, detail: body }
      const row = await service.change(deed, all => {
        siteOf(all, name)
        const before = all.quotas.get(name)
        if (before !== undefined) mustMatch(headers['if-match'], before)
        const state = before?.state ?? 'under'
        const made: QuotaRow = { ...body, state, change: (before?.change ?? 0) + 1 }
        all.quotas.putSync(name, made)
        return made
      })
      await keepQuotas(service, [name])
      return reply.header('etag', etagOf(row)).send(view(name, rowOf(name)))
    },
  )
  app.delete<{ Params: { name: string } }>(
    '/sites/:name/quota',
    { config: { scope: 'sites:write', action: 'quotas:remove' } },
    async ({ params: { name }, actor, headers }, reply) => {
      const open = { soft: null, hard: null }
      await service.change({ actor, action: 'quotas:remove', target: `sites/${name}` }, all => {
        const row = rowOf(name)
        mustMatch(headers['if-match'], row)
        all.quotas.putSync(name, { ...row, requests: open, bytesOut: open })
      })
      // Who was not served is served again.
      await keepQuotas(service, [name])
      await service.database.commit(all => all.quotas.removeSync(name))
      return reply.code(204).send()
    },
  )
}
