// /v1/tokens: who may ask.
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { conflict, notFound, Problem } from '../problem.js'
import type { Service } from '../service.js'
import { allows, createToken, type Scope, scopes, type TokenRow } from '../state/tokens.js'
import { type PageQuery, pageOf, pageQuery } from './lists.js'
import { newToken as newTokenView, page, token as tokenView } from './views.js'

const newToken = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    scopes: Type.Array(Type.Enum(scopes), { minItems: 1, uniqueItems: true }),
    sites: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 1_000 })),
    expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { additionalProperties: false },
)

interface NewToken {
  name: string
  scopes: Scope[]
  sites?: string[]
  expiresAt?: string
}

function view({ hash: _, ...row }: TokenRow) {
  return row
}

/** Nobody gives what he has not, nor takes it from others. */
function mustHave(by: TokenRow | undefined, wanted: readonly Scope[]): void {
  const lacking = wanted.filter(scope => by === undefined || !allows(by, scope, undefined))
  if (lacking.length > 0)
    throw new Problem(403, 'not-allowed', `This token lacks ${lacking.join(', ')} itself.`)
}

export function tokenRoutes(app: FastifyInstance, service: Service): void {
  app.get<{ Querystring: PageQuery }>(
    '/tokens',
    {
      schema: { querystring: pageQuery, response: { 200: page(tokenView) } },
      config: { scope: 'tokens:write' },
    },
    async ({ query }) => {
      const rows = service.tables.tokens.getRange().map(({ value }) => value)
      const page = pageOf(rows, query, ({ id }) => id)
      return { ...page, items: page.items.map(view) }
    },
  )
  app.post<{ Body: NewToken }>(
    '/tokens',
    {
      schema: { body: newToken, response: { 201: newTokenView } },
      config: { scope: 'tokens:write', action: 'tokens:create' },
    },
    async ({ body, actor, token: giver }, reply) => {
      const { name, sites = null, expiresAt = null } = body
      const deed = {
        actor,
        action: 'tokens:create',
        target: `tokens/${name}`,
        detail: { scopes: body.scopes, sites },
      }
      const { row, token } = await service.change(deed, tables => {
        mustHave(giver, body.scopes)
        const { tokensMax } = service.limits
        if (tables.tokens.getCount() >= tokensMax)
          throw conflict('too-many-tokens', `There are ${tokensMax} tokens.`)
        return createToken(tables, { name, scopes: body.scopes, sites, expiresAt }, service.nowMs())
      })
      return reply
        .code(201)
        .header('location', `/v1/tokens/${row.id}`)
        .send({ ...view(row), token })
    },
  )
  app.delete<{ Params: { id: string } }>(
    '/tokens/:id',
    { config: { scope: 'tokens:write', action: 'tokens:remove' } },
    async ({ params: { id }, actor, token: taker }, reply) => {
      await service.change({ actor, action: 'tokens:remove', target: `tokens/${id}` }, ({ tokens }) => {
        const row = tokens.get(id)
        if (row === undefined) throw notFound(`token ${id}`)
        mustHave(taker, row.scopes)
        tokens.removeSync(id)
      })
      return reply.code(204).send()
    },
  )
}
