// /v1/sites/{name}/purges and /v1/purges: what is to be purged, and which edge has done so.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { waitOf } from '../prefer.js'
import { notFound, Problem } from '../problem.js'
import { faultsOfPurge } from '../purge-faults.js'
import type { Service } from '../service.js'
import { appendFeed } from '../state/feed.js'
import { countsOf, type PurgeKind, type PurgeRow, receiptsOf, stateOf } from '../state/purges.js'
import { activeConfigOf, siteOf } from '../state/sites.js'
import { allows } from '../state/tokens.js'
import { type PageQuery, pageOf, pageQuery } from './lists.js'
import { page, purgeCount, purge as purgeView, purgeWithReceipts } from './views.js'

const itemsMax = 256
const closed = { additionalProperties: false } as const
const flag = Type.Optional(Type.Boolean())

const sitePurge = Type.Object(
  {
    kind: Type.Enum(['url', 'prefix', 'tag', 'site']),
    items: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 8_192 }), { maxItems: itemsMax })),
    soft: flag,
    dryRun: flag,
  },
  closed,
)
const wholePurge = Type.Object({ kind: Type.Enum(['all']), soft: flag, dryRun: flag }, closed)

/** 200: it was counted, nothing was purged. */
const purged = { 200: purgeCount, 202: purgeWithReceipts }

interface Asked {
  kind: PurgeKind
  items?: string[]
  soft?: boolean
  dryRun?: boolean
}

/** How long the edges may count when nobody says. */
const countMs = 5_000

export function purgeRoutes(app: FastifyInstance, service: Service): void {
  const { tables } = service
  app.post<{ Params: { name: string }; Body: Static<typeof sitePurge> }>(
    '/sites/:name/purges',
    {
      schema: { body: sitePurge, response: purged },
      config: { scope: 'purge:select', action: 'purges:create' },
    },
    async (request, reply) => {
      const { name } = request.params
      siteOf(tables, name)
      await mustPurgeSites(service, request, name)
      faultsOfPurge(request.body, activeConfigOf(tables, name))
      return purge(service, request, reply, name)
    },
  )
  app.post<{ Body: Static<typeof wholePurge> }>(
    '/purges',
    {
      schema: { body: wholePurge, response: purged },
      config: { scope: 'purge:all', action: 'purges:create' },
    },
    async (request, reply) => purge(service, request, reply, null),
  )
  app.get<{ Params: { name: string }; Querystring: PageQuery }>(
    '/sites/:name/purges',
    {
      schema: { querystring: pageQuery, response: { 200: page(purgeView) } },
      config: { scope: 'purge:select' },
    },
    async ({ params: { name }, query }) => {
      siteOf(tables, name)
      return listOf(service, query, row => row.site === name)
    },
  )
  app.get<{ Querystring: PageQuery }>(
    '/purges',
    {
      schema: { querystring: pageQuery, response: { 200: page(purgeView) } },
      config: { scope: 'purge:all' },
    },
    async ({ query }) => listOf(service, query, () => true),
  )
  app.get<{ Params: { id: string } }>(
    '/purges/:id',
    {
      schema: { response: { 200: purgeWithReceipts } },
      config: { scope: 'purge:select', isOfSomeSite: true },
    },
    async request => {
      const row = tables.purges.get(request.params.id)
      if (row === undefined || !allows(request.token!, 'purge:select', row.site ?? undefined))
        throw notFound(`purge ${request.params.id}`)
      await service.live.until(() => isAnswered(service, row), waitOf(request.headers.prefer, service.limits))
      return viewOf(service, row)
    },
  )
}

/** All of a site is more than something of it. */
async function mustPurgeSites(
  service: Service,
  { body, actor, token }: FastifyRequest<{ Body: Static<typeof sitePurge> }>,
  name: string,
): Promise<void> {
  if (body.kind !== 'site' || allows(token!, 'purge:all', name)) return
  await service.refused({ actor, action: 'purges:create', target: `sites/${name}` }, 'purge:all')
  throw new Problem(403, 'not-allowed', 'To purge a whole site this token lacks purge:all.')
}

/** The latest first. */
function listOf(service: Service, query: PageQuery, isMeant: (row: PurgeRow) => boolean) {
  const { feed, purges } = service.tables
  const rows = function* () {
    for (const { value } of feed.getRange({ reverse: true })) {
      const row = value.kind === 'purge' ? purges.get(value.id) : undefined
      if (row !== undefined && isMeant(row)) yield row
    }
  }
  const page = pageOf(rows(), query, ({ sequence }) => String(1e15 - sequence).padStart(16, '0'))
  return { ...page, items: page.items.map(row => summaryOf(service, row)) }
}

function summaryOf({ tables, live }: Service, row: PurgeRow) {
  const { edges: _, ...purge } = row
  const counts = countsOf(receiptsOf(tables, row, live.isLive))
  return { ...purge, state: stateOf(counts), edges: counts }
}

function viewOf(service: Service, row: PurgeRow) {
  return { ...summaryOf(service, row), receipts: receiptsOf(service.tables, row, service.live.isLive) }
}

function isAnswered({ tables, live }: Service, row: PurgeRow): boolean {
  return countsOf(receiptsOf(tables, row, live.isLive)).pending === 0
}

async function purge(
  service: Service,
  request: FastifyRequest<{ Body: Asked }>,
  reply: FastifyReply,
  site: string | null,
): Promise<unknown> {
  const { kind, items = [], soft = false, dryRun = false } = request.body
  const waitMs = waitOf(request.headers.prefer, service.limits)
  if (dryRun) return count(service, { kind, site, items, soft }, waitMs || countMs)
  await service.rates.spendPurge(request.actor.id, kind, items.length, reply)
  const { actor } = request
  const nowMs = service.nowMs()
  const id = randomUUID()
  const what = { id, kind, site, items, soft, createdAt: new Date(nowMs).toISOString(), createdBy: actor.id }
  const target = site === null ? 'sites' : `sites/${site}`
  const deed = {
    actor,
    action: 'purges:create',
    target,
    detail: { id, kind, items: items.length, first: items[0] ?? null, soft },
  }
  const row = await service.change(deed, tables => {
    const sequence = appendFeed(tables, { kind: 'purge', id }, nowMs)
    const made: PurgeRow = { ...what, sequence, edges: [...tables.edges.getKeys()] }
    tables.purges.putSync(id, made)
    return made
  })
  service.events.emit('purge.created', site, { id, kind, items: items.length, soft })
  await service.live.until(() => isAnswered(service, row), waitMs)
  if (waitMs > 0) reply.header('preference-applied', `wait=${waitMs / 1_000}`)
  return reply.code(202).header('location', `/v1/purges/${id}`).send(viewOf(service, row))
}

/** What it would take at the edges that are there now. */
async function count(service: Service, what: object, timeoutMs: number): Promise<unknown> {
  const { asked, counted } = await service.live.ask(randomUUID(), { type: 'count', ...what }, timeoutMs)
  return {
    dryRun: true,
    complete: counted.length === asked && counted.every(({ complete }) => complete),
    asked,
    edges: counted,
  }
}
