// /v1/tail: requests as edges answer them; /v1/edge/tail: what edges show.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { conflict, Problem } from '../problem.js'
import type { Service } from '../service.js'
import { edgeOf } from '../state/edges.js'
import { allows } from '../state/tokens.js'
import { openSse } from './events.js'

const closed = { additionalProperties: false } as const
const asked = Type.Object(
  {
    site: Type.Optional(Type.String()),
    status: Type.Optional(Type.String({ pattern: '^[1-5](\\d\\d|xx)$' })),
    cacheStatus: Type.Optional(Type.String({ pattern: '^[a-z-]{1,20}$' })),
    path: Type.Optional(Type.String({ maxLength: 1_024 })),
    /** Of a hundred. */
    sample: Type.Optional(Type.String({ pattern: '^(100|\\d{1,2}(\\.\\d{1,4})?)$' })),
  },
  closed,
)

const text = Type.String({ maxLength: 8_192 })
const shown = Type.Object(
  {
    edge: Type.String({ maxLength: 64 }),
    dropped: Type.Integer({ minimum: 0 }),
    lines: Type.Array(
      Type.Object(
        { tails: Type.Array(Type.String({ maxLength: 64 })), site: text, target: text },
        { additionalProperties: true },
      ),
      { maxItems: 1_000 },
    ),
  },
  closed,
)

export function tailRoutes(app: FastifyInstance, service: Service): void {
  app.get<{ Querystring: Static<typeof asked> }>(
    '/tail',
    { schema: { querystring: asked }, config: { scope: 'usage:read', isOfSomeSite: true } },
    async (request, reply) => {
      const { status = null, cacheStatus = null, path = null, sample = '100' } = request.query
      const filter = { sites: sitesOf(request), status, cacheStatus, path, samplePercent: Number(sample) }
      if (service.tails.count >= service.limits.tailsMax)
        throw conflict('too-many-tails', `There are ${service.limits.tailsMax} who watch.`)
      reply.hijack()
      const sse = openSse(service, request, reply.raw)
      request.raw.on('close', service.tails.add(filter, sse))
    },
  )
  app.post<{ Body: Static<typeof shown> }>(
    '/edge/tail',
    { schema: { body: shown }, config: { scope: 'edges:sync' } },
    async ({ body: { edge, lines, dropped } }, reply) => {
      service.tails.show(edgeOf(service.tables, edge).name, lines, dropped)
      return reply.code(204).send()
    },
  )
}

function sitesOf({
  token,
  query,
}: FastifyRequest<{ Querystring: Static<typeof asked> }>): readonly string[] | null {
  const { site } = query
  if (site === undefined) return token!.sites
  if (!allows(token!, 'usage:read', site))
    throw new Problem(403, 'not-allowed', `This token lacks usage:read for ${site}.`)
  return [site]
}
