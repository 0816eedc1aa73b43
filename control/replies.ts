// A POST that is sent again under its Idempotency-Key is answered as it was the first time, and done once.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from './problem.js'
import type { Service } from './service.js'
import type { ReplyRow, Tables } from './state/database.js'

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
  if (key === undefined) return
  const known = service.tables.replies.get(key)
  if (known === undefined || isForgotten(service, known)) return begin(service, request, key)
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
  // A secret is shown once, and kept nowhere.
  const { token: _, ...body } = JSON.parse(payload) as Record<string, unknown>
  const row = {
    fingerprint: fingerprintOf(request),
    atMs: service.nowMs(),
    status: reply.statusCode,
    body,
    etag: typeof etag === 'string' ? etag : undefined,
  }
  await service.database.commit(tables => keep(service, tables, key, row))
  return payload
}

/** The answer has gone: who asks again is answered by what is kept of it. */
export function release(service: Service, request: FastifyRequest): void {
  const key = held.get(request)
  if (key !== undefined) service.underWay.delete(key)
}

const held = new WeakMap<FastifyRequest, string>()

function begin({ underWay }: Service, request: FastifyRequest, key: string): void {
  if (underWay.has(key))
    throw new Problem(409, 'in-progress', 'The first request under this Idempotency-Key is not answered yet.')
  underWay.add(key)
  held.set(request, key)
}

function isForgotten({ limits, nowMs }: Service, { atMs }: Pick<ReplyRow, 'atMs'>): boolean {
  return nowMs() - atMs > limits.replyMs
}

/** The oldest leave: those that are too old, and those for which there is no room. */
function keep(
  service: Service,
  { replies, replyOrder }: Tables,
  key: string,
  row: Omit<ReplyRow, 'sequence'>,
): void {
  const before = replies.get(key)
  if (before !== undefined) replyOrder.removeSync(before.sequence)
  const [last] = [...replyOrder.getKeys({ reverse: true, limit: 1 })]
  const sequence = (last ?? 0) + 1
  replies.putSync(key, { ...row, sequence })
  replyOrder.putSync(sequence, key)
  for (const { key: old, value: oldKey } of [...replyOrder.getRange({ limit: leavingMax })]) {
    const isTooMany = replyOrder.getCount() > service.limits.repliesMax
    if (!isTooMany && !isForgotten(service, replies.get(oldKey)!)) return
    replyOrder.removeSync(old)
    replies.removeSync(oldKey)
  }
}

/** With each that comes: more than come, so that they become fewer. */
const leavingMax = 4
