// /v1/edge: what edges ask, and what they say. An edge takes the snapshot once, then follows the feed from there.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { FeedStream } from '../feed-stream.js'
import { Problem } from '../problem.js'
import type { Service } from '../service.js'
import { arrive, edgeOf, progress } from '../state/edges.js'
import { isReplayable, lastPosition } from '../state/feed.js'
import { edgeHealth, originChanges } from '../state/health.js'
import { receiptKey } from '../state/purges.js'
import { activeConfigs, epochOf, revisionOf } from '../state/sites.js'
import { isValid } from '../state/tokens.js'
import { snapshot } from './views.js'

const closed = { additionalProperties: false } as const
const edgeId = Type.String({ pattern: '^[A-Za-z0-9-]{8,64}$' })
const integer = Type.Integer({ minimum: 0 })
const reasons = Type.Array(Type.String({ maxLength: 2_000 }), { maxItems: 100 })

const followed = Type.Object(
  {
    edge: edgeId,
    name: Type.String({ minLength: 1, maxLength: 255 }),
    version: Type.String({ maxLength: 64 }),
    epoch: Type.String({ pattern: '^\\d{1,16}$' }),
    after: Type.String({ pattern: '^\\d{1,15}$' }),
  },
  closed,
)

const acked = Type.Object(
  {
    edge: edgeId,
    epoch: integer,
    position: integer,
    revision: Type.Union([integer, Type.Null()]),
    refused: Type.Union([Type.Object({ revision: integer, reasons }, closed), Type.Null()]),
    receipts: Type.Array(
      Type.Object(
        {
          sequence: integer,
          state: Type.Enum(['applied', 'refused']),
          localSequence: Type.Union([integer, Type.Null()]),
          reasons,
        },
        closed,
      ),
      { maxItems: 1_000 },
    ),
    counts: Type.Array(
      Type.Object(
        {
          id: Type.String({ maxLength: 64 }),
          entries: integer,
          scanned: integer,
          complete: Type.Boolean(),
          reasons,
        },
        closed,
      ),
      { maxItems: 100 },
    ),
    health: Type.Optional(edgeHealth),
  },
  closed,
)

const sync = { config: { scope: 'edges:sync' } } as const

export function edgeRoutes(app: FastifyInstance, service: Service): void {
  const { tables, limits } = service
  app.get(
    '/edge/snapshot',
    { ...sync, schema: { response: { 200: snapshot, 304: Type.Null() } } },
    async ({ headers }, reply) => {
      const revision = revisionOf(tables)
      const [epoch, position] = [epochOf(tables), lastPosition(tables)]
      const etag = `"${epoch}.${revision}"`
      reply.header('etag', etag)
      if (headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.send({ epoch, position, revision, sites: activeConfigs(tables) })
    },
  )
  app.get<{ Querystring: Static<typeof followed> }>(
    '/edge/feed',
    { ...sync, schema: { querystring: followed } },
    async (request, reply) => {
      const { edge, name, version, epoch, after } = request.query
      const position = Number(after)
      if (Number(epoch) !== epochOf(tables) || !isReplayable(tables, position))
        throw new Problem(410, 'not-replayable', 'What follows is not kept any more: take the snapshot.')
      const arrival = { id: edge, name, version, tokenId: request.actor.id, address: request.actor.address }
      await service.database.commit(all => {
        const before = arrive(all, arrival, { nowMs: service.nowMs(), edgesMax: limits.edgesMax })
        if (before.position !== position) progress(all, edge, { position })
      })
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
      follow(
        service,
        request,
        new FeedStream(service, reply.raw, { edge, position, mayListen: mayListen(service, request) }),
      )
    },
  )
  app.post<{ Body: Static<typeof acked> }>(
    '/edge/acks',
    { ...sync, schema: { body: acked } },
    async ({ body }, reply) => {
      await acknowledge(service, body)
      return reply.code(204).send()
    },
  )
}

/** As long as the token is: a stream that is open is no way around its end. */
function mayListen({ tables, nowMs }: Service, { actor }: FastifyRequest): () => boolean {
  return () => isValid(tables.tokens.get(actor.id), nowMs())
}

function follow(
  service: Service,
  request: FastifyRequest<{ Querystring: Static<typeof followed> }>,
  stream: FeedStream,
): void {
  const { live, database, nowMs } = service
  const who = { edge: stream.edge, name: request.query.name }
  // It has come again before its connection was seen to be lost; again and again it is two with one state.
  if (live.isLive(stream.edge)) service.events.emit('edge.replaced', null, who)
  live.join(stream)
  service.events.emit('edge.up', null, who)
  request.raw.on('close', () => {
    if (!live.leave(stream)) return
    service.events.emit('edge.down', null, who)
    const lastSeenAt = new Date(nowMs()).toISOString()
    void database.commit(tables => {
      if (tables.edges.doesExist(stream.edge)) progress(tables, stream.edge, { lastSeenAt })
    })
  })
}

/** What it says is how things are, not what has changed: said twice it is the same. */
async function acknowledge(service: Service, said: Static<typeof acked>): Promise<void> {
  const { tables, live, nowMs } = service
  const { edge, epoch, position, revision, refused, receipts, counts, health } = said
  const before = edgeOf(tables, edge)
  if (epoch !== epochOf(tables) || position > lastPosition(tables))
    throw new Problem(410, 'not-replayable', 'That is of another state of control: take the snapshot.')
  if (health !== undefined) {
    for (const change of originChanges(live.healthOf(edge), health))
      service.events.emit(`origin.${change.state}`, change.site, { edge, name: before.name, ...change })
    live.setHealth(edge, health)
  }
  for (const { id, ...count } of counts) live.answered(id, { edge, ...count })
  const at = new Date(nowMs()).toISOString()
  const isSame = before.refused?.revision === refused?.revision
  const next = { position, revision, refused: isSame ? before.refused : refused && { ...refused, at } }
  if (next.refused !== null && !isSame)
    service.events.emit('edge.refused', null, { edge, name: before.name, ...refused })
  if (receipts.length > 0 || before.position !== position || before.revision !== revision || !isSame) {
    await service.database.commit(all => {
      progress(all, edge, { ...next, lastSeenAt: at })
      for (const { sequence, ...receipt } of receipts)
        all.receipts.putSync(receiptKey(sequence, edge), { ...receipt, at })
    })
  }
  live.note()
}
