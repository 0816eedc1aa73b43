// /v1/events: what happens, as it happens.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Problem } from '../problem.js'
import type { Service } from '../service.js'
import { Sse } from '../sse.js'
import { allows, isValid } from '../state/tokens.js'

const asked = Type.Object(
  { site: Type.Optional(Type.String()), after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })) },
  { additionalProperties: false },
)

/** What may wait for one who reads slowly. */
const waitingBytesMax = 256 * 1024

export function eventRoutes(app: FastifyInstance, service: Service): void {
  app.get<{ Querystring: Static<typeof asked> }>(
    '/events',
    { schema: { querystring: asked }, config: { scope: 'sites:read', isOfSomeSite: true } },
    async (request, reply) => {
      const { site, after } = request.query
      const isMeant = meant(request, site)
      const { 'last-event-id': last = after } = request.headers as Record<string, string | undefined>
      reply.hijack()
      const sse = openSse(service, request, reply.raw)
      // Who names none hears what comes from now on.
      const missed = last === undefined ? [] : service.events.after(Number(last))
      const tell = (event: { id: number; type: string; site: string | null }) => {
        if (isMeant(event.site)) sse.send(event.type, event, event.id)
      }
      missed.forEach(tell)
      const stop = service.events.listen(tell)
      request.raw.on('close', stop)
    },
  )
}

/** A token for some sites hears of those alone. */
export function meant(request: FastifyRequest, site: string | undefined): (of: string | null) => boolean {
  const { sites } = request.token!
  if (site !== undefined && !allows(request.token!, request.routeOptions.config.scope!, site))
    throw new Problem(403, 'not-allowed', `This token may not hear of ${site}.`)
  if (site !== undefined) return of => of === site
  return sites === null ? () => true : of => of !== null && sites.includes(of)
}

export function openSse(
  service: Service,
  request: FastifyRequest,
  response: ConstructorParameters<typeof Sse>[0],
): Sse {
  const { tables, nowMs, limits, streams } = service
  const mayListen = () => isValid(tables.tokens.get(request.actor.id), nowMs())
  const sse = new Sse(response, { bytesMax: waitingBytesMax, heartbeatMs: limits.heartbeatMs, mayListen })
  streams.add(sse)
  request.raw.on('close', () => streams.delete(sse))
  return sse
}
