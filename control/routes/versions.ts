// /v1/sites/{name}/versions: drafts, what they change, and which one edges serve.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { differences } from '../differences.js'
import { Problem } from '../problem.js'
import type { Service } from '../service.js'
import { etagOf, type VersionRow } from '../state/rows.js'
import {
  activate,
  activeConfigOf,
  beginVersion,
  changeVersion,
  faultsOf,
  revisionOf,
  siteOf,
  versionOf,
  versionsOf,
} from '../state/sites.js'
import { type PageQuery, pageOf, pageQuery } from './lists.js'
import { activation, difference, page, validation, version as versionView } from './views.js'

const begun = Type.Object(
  { from: Type.Optional(Type.Integer({ minimum: 1 })) },
  { additionalProperties: false },
)
const changed = Type.Object(
  { config: Type.Object({}, { additionalProperties: true }) },
  { additionalProperties: false },
)
const activated = Type.Object(
  { comment: Type.String({ minLength: 1, maxLength: 1_000 }) },
  { additionalProperties: false },
)
const compared = Type.Object(
  { against: Type.String({ pattern: '^\\d{1,9}$' }) },
  { additionalProperties: false },
)

interface Params {
  name: string
  number: string
}

function view({ change: _, ...row }: VersionRow) {
  return row
}

function numberOf({ number }: Params): number {
  if (/^[1-9]\d{0,8}$/.test(number)) return Number(number)
  throw new Problem(404, 'not-found', `${number} is no number of a version.`)
}

export function versionRoutes(app: FastifyInstance, service: Service): void {
  readRoutes(app, service)
  draftRoutes(app, service)
  activateRoute(app, service)
}

function readRoutes(app: FastifyInstance, service: Service): void {
  const read = { config: { scope: 'sites:read' } } as const
  app.get<{ Params: Params; Querystring: PageQuery }>(
    '/sites/:name/versions',
    { ...read, schema: { querystring: pageQuery, response: { 200: page(versionView) } } },
    async ({ params, query }) => {
      siteOf(service.tables, params.name)
      const page = pageOf(versionsOf(service.tables, params.name), query, ({ number }) =>
        String(number).padStart(10, '0'),
      )
      return { ...page, items: page.items.map(view) }
    },
  )
  app.get<{ Params: Params }>(
    '/sites/:name/versions/:number',
    { ...read, schema: { response: { 200: versionView } } },
    async ({ params }, reply) => {
      const row = versionOf(service.tables, params.name, numberOf(params))
      return reply.header('etag', etagOf(row)).send(view(row))
    },
  )
  app.get<{ Params: Params; Querystring: { against: string } }>(
    '/sites/:name/versions/:number/diff',
    { ...read, schema: { querystring: compared, response: { 200: difference } } },
    async ({ params, query }) => {
      const [after, before] = [numberOf(params), Number(query.against)].map(number =>
        versionOf(service.tables, params.name, number),
      )
      return { changes: differences(before!.config, after!.config) }
    },
  )
}

function draftRoutes(app: FastifyInstance, service: Service): void {
  app.post<{ Params: Params; Body: { from?: number } | null }>(
    '/sites/:name/versions',
    {
      schema: { body: begun, response: { 201: versionView } },
      config: { scope: 'sites:write', action: 'versions:begin' },
    },
    async ({ params: { name }, body, actor }, reply) => {
      const draft = { name, from: body?.from, by: actor.id, nowMs: service.nowMs() }
      const deed = { actor, action: 'versions:begin', target: `sites/${name}` }
      const row = await service.change(deed, tables => beginVersion(tables, draft, service.limits))
      const location = `/v1/sites/${name}/versions/${row.number}`
      return reply.code(201).header('location', location).header('etag', etagOf(row)).send(view(row))
    },
  )
  app.put<{ Params: Params; Body: { config: Record<string, unknown> } }>(
    '/sites/:name/versions/:number',
    {
      schema: { body: changed, response: { 200: versionView } },
      config: { scope: 'sites:write', action: 'versions:change' },
    },
    async (request, reply) => {
      const { params, body, headers } = request
      const number = numberOf(params)
      const before = versionOf(service.tables, params.name, number).config
      const deed = {
        ...deedOf(request, 'versions:change'),
        detail: { changes: differences(before, body.config) },
      }
      const row = await service.change(deed, tables =>
        changeVersion(tables, params.name, number, body.config, headers['if-match']),
      )
      return reply.header('etag', etagOf(row)).send(view(row))
    },
  )
}

function activateRoute(app: FastifyInstance, service: Service): void {
  // A colon that is one: as Google's APIs have verbs that are no resources.
  app.post<{ Params: Params }>(
    '/sites/:name/versions/:number(^\\d+)::validate',
    { schema: { response: { 200: validation } }, config: { scope: 'sites:read' } },
    async ({ params }) => {
      const errors = faultsOf(service.tables, versionOf(service.tables, params.name, numberOf(params)))
      return { valid: errors.length === 0, errors }
    },
  )
  app.post<{ Params: Params; Body: { comment: string } }>(
    '/sites/:name/versions/:number(^\\d+)::activate',
    {
      schema: { body: activated, response: { 200: activation } },
      config: { scope: 'sites:write', action: 'versions:activate' },
    },
    async (request, reply) => {
      const { params, body, headers } = request
      const what = { name: params.name, number: numberOf(params), ...body, nowMs: service.nowMs() }
      const { name, number } = what
      const before = activeConfigOf(service.tables, name)
      const changes = differences(before ?? {}, versionOf(service.tables, name, number).config)
      const deed = { ...deedOf(request, 'versions:activate'), detail: { ...body, changes } }
      const site = await service.change(deed, tables => activate(tables, what, headers['if-match']))
      const revision = revisionOf(service.tables)
      service.events.emit('version.activated', site.name, { version: site.activeVersion, revision, ...body })
      return reply
        .header('etag', etagOf(site))
        .send({ name: site.name, activeVersion: site.activeVersion, revision })
    },
  )
}

function deedOf({ actor, params }: FastifyRequest, action: string) {
  const { name, number } = params as Params
  return { actor, action, target: `sites/${name}/versions/${number}` }
}
