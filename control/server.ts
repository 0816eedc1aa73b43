// The JSON API over HTTP: who asks is known before anything is read, every fault is a problem (RFC 9457), and what is not
// allowed by name is forbidden.
import type { SecureContextOptions } from 'node:tls'
import { fileURLToPath } from 'node:url'
import etag from '@fastify/etag'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { levelsOf, Metrics } from './metrics.js'
import { Problem, problemBody } from './problem.js'
import { recall, release, remember } from './replies.js'
import { auditRoutes } from './routes/audit.js'
import { docsRoute } from './routes/docs.js'
import { edgeRoutes } from './routes/edge.js'
import { edgesRoutes } from './routes/edges.js'
import { eventRoutes } from './routes/events.js'
import { purgeRoutes } from './routes/purges.js'
import { siteRoutes } from './routes/sites.js'
import { stateRoutes } from './routes/state.js'
import { tailRoutes } from './routes/tail.js'
import { tokenRoutes } from './routes/tokens.js'
import { usageRoutes } from './routes/usage.js'
import { versionRoutes } from './routes/versions.js'
import { problem as problemView } from './routes/views.js'
import type { Service } from './service.js'
import type { Actor } from './state/audit.js'
import { allows, findToken, type Scope, type TokenRow } from './state/tokens.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent: for everybody. */
    scope?: Scope
    /** A token for some sites may ask too: the route looks whether it is about one of them. */
    isOfSomeSite?: boolean
    /** As the audit calls it. */
    action?: string
  }
  interface FastifyRequest {
    actor: Actor
    /** Of whoever asks. */
    token: TokenRow | undefined
  }
}

const pageFields = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

const nobody: Actor = { id: 'nobody', address: '' }

/** `tls`: key and certificate; without it is plain HTTP. */
export async function makeServer(
  service: Service,
  version: string,
  tls?: SecureContextOptions,
): Promise<FastifyInstance> {
  const app = Fastify({
    ...(tls && { https: tls }),
    bodyLimit: service.limits.bodyBytesMax,
    // An unknown key is a fault, not something to leave out without a word.
    ajv: { customOptions: { removeAdditional: false, allErrors: true, coerceTypes: false } },
    logger: false,
  })
  // Set before anything reads it.
  app.decorateRequest('actor')
  app.decorateRequest('token')
  await describe(app, version)
  app.addHook('onRequest', async (request, reply) => authorise(service, request, reply))
  app.addHook('preHandler', async (request, reply) => recall(service, request, reply))
  const metrics = new Metrics(levelsOf(service))
  app.addHook('onResponse', async (request, reply) => {
    release(service, request)
    metrics.note(request.method, reply.statusCode, reply.elapsedTime)
  })
  app.addHook('onSend', async (request, reply, payload) => remember(service, request, reply, payload))
  app.setErrorHandler((error: FastifyError | Problem, request, reply) => answer(error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    answer(new Problem(404, 'not-found', 'There is nothing here.'), request, reply),
  )
  // Of every GET that has none of its own.
  await app.register(etag)
  app.addHook('preClose', async () => {
    service.live.endAll()
    for (const stream of service.streams) stream.end()
  })
  await servePage(app)
  health(app)
  docsRoute(app)
  app.get('/metrics', { schema: { hide: true }, config: { scope: 'usage:read' } }, async (_, reply) =>
    reply.type(metrics.type).send(await metrics.text()),
  )
  for (const routes of allRoutes) await app.register(async scope => routes(scope, service), { prefix: '/v1' })
  return app
}

const allRoutes = [
  siteRoutes,
  versionRoutes,
  tokenRoutes,
  auditRoutes,
  edgeRoutes,
  edgesRoutes,
  purgeRoutes,
  usageRoutes,
  eventRoutes,
  stateRoutes,
  tailRoutes,
]

/** OpenAPI of what follows; every route may answer with a problem. */
async function describe(app: FastifyInstance, version: string): Promise<void> {
  app.addHook('onRoute', route => {
    if (!route.url.startsWith('/v1/') || route.schema?.hide) return
    route.schema = {
      ...route.schema,
      response: { ...(route.schema?.response as object), '4xx': problemView },
    }
  })
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'NaijCloud control', version } },
  })
}

async function servePage(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('./page', import.meta.url)),
    schemaHide: true,
    // What it may load is here, and nobody shows it as his own.
    setHeaders: reply => reply.headers(pageFields),
  })
}

function health(app: FastifyInstance): void {
  for (const path of ['/livez', '/readyz'])
    app.get(path, { schema: { hide: true } }, async () => ({ ok: true }))
  app.get('/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

/** Who asks, and whether that is allowed (RFC 6750 3). */
async function authorise(service: Service, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { scope, action = request.method, isOfSomeSite } = request.routeOptions.config
  request.actor = nobody
  if (scope === undefined) return
  const token = findToken(service.tables, request.headers.authorization, service.nowMs())
  request.token = token
  request.actor = { id: token?.id ?? nobody.id, address: addressOf(request) }
  if (token === undefined) await service.rates.spendRefusal(addressOf(request), reply)
  else await service.rates.spendRequest(token.id, reply)
  const { name = isOfSomeSite ? token?.sites?.[0] : undefined } = (request.params ?? {}) as { name?: string }
  if (token !== undefined && allows(token, scope, name)) return
  await service.refused({ actor: request.actor, action, target: request.url.split('?', 1)[0]! }, scope)
  if (token === undefined)
    throw new Problem(401, 'no-token', 'A valid token is needed: Authorization: Bearer nce_...')
  throw new Problem(
    403,
    'not-allowed',
    `This token lacks ${scope}${name === undefined ? '' : ` for ${name}`}.`,
  )
}

/** As lmdb says it, or Node; what the disk takes only a part of is an I/O error to lmdb. */
function isDiskFull({ message, code }: { message: string; code?: string }): boolean {
  return code === 'ENOSPC' || /No space left on device|Input\/output error/.test(message)
}

/** Over a unix socket there is none. */
function addressOf({ ip }: FastifyRequest): string {
  return (ip as string | undefined) ?? 'unix'
}

function answer(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): unknown {
  const problem = problemOf(error)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  if (problem.status === 500) console.error(error)
  return reply.code(problem.status).type('application/problem+json').send(problemBody(problem, request.id))
}

function problemOf(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error
  if (error.validation !== undefined) {
    const errors = error.validation.map(({ instancePath, keyword, message = '', params }) => {
      const key = (params as { additionalProperty?: string }).additionalProperty
      const pointer = key === undefined ? instancePath : `${instancePath}/${key}`
      return { pointer, code: keyword, detail: key === undefined ? message : 'is not known here' }
    })
    return new Problem(
      error.validationContext === 'body' ? 422 : 400,
      'invalid',
      'What was sent is not right.',
      errors,
    )
  }
  if (isDiskFull(error))
    return new Problem(507, 'disk-full', 'The disk of control is full, or fails: nothing was changed.')
  const status = error.statusCode ?? 500
  if (status >= 500) return new Problem(500, 'internal', 'Something went wrong in control.')
  return new Problem(status, (error.code ?? 'bad-request').toLowerCase().replaceAll('_', '-'), error.message)
}
