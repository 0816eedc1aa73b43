// A POST that is sent again under its Idempotency-Key is answered as it was the first time, and done once.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from './problem.js'
import type { Service } from './service.js'

const keyBytesMax = 255

/** The key under which the answer is kept, of whoever asks; undefined: there is none. */
function keyOf(request: FastifyRequest): string | undefined {
  const given = request.headers['idempotency-key']
  if (request.method !== 'POST' || given === undefined) return undefined
  if (typeof given !== 'string' || given === '' || given.length > keyBytesMax)
    throw new Problem(400, 'idempotency-key', `An Idempotency-Key has 1 to ${keyBytesMax} characters.`)
  return `${request.actor.id} ${given}`
}

function fingerprintOf(request: FastifyRequest): string {
  return createHash('sha256')
    .update(`${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest('hex')
}

/** Answers with what is remembered, if anything is. */
export async function recall(service: Service, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const key = keyOf(request)
  const known = key === undefined ? undefined : service.tables.replies.get(key)
  if (known === undefined || service.nowMs() - known.atMs > service.limits.replyMs) return
  if (known.fingerprint !== fingerprintOf(request))
    throw new Problem(
      422,
      'idempotency-key-reused',
      'Something else was sent under this Idempotency-Key before.',
    )
  if (known.etag !== undefined) reply.header('etag', known.etag)
  await reply.code(known.status).header('idempotency-replayed', 'true').send(known.body)
}

/** What went well; what did not may be tried again. */
export async function remember(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const isReplay = reply.hasHeader('idempotency-replayed')
  if (reply.statusCode >= 300 || isReplay || typeof payload !== 'string') return payload
  const key = keyOf(request)
  if (key === undefined) return payload
  const etag = reply.getHeader('etag')
  const row = {
    fingerprint: fingerprintOf(request),
    atMs: service.nowMs(),
    status: reply.statusCode,
    body: JSON.parse(payload) as unknown,
    etag: typeof etag === 'string' ? etag : undefined,
  }
  await service.database.commit(({ replies }) => replies.putSync(key, row))
  return payload
}
