// What the API answers, as schemas: answers are written by them, OpenAPI and the client's types are made of them.
import { type TProperties, type TSchema, Type } from 'typebox'
import { usageFields } from '../../config/usage-fields.js'
import { edgeHealth } from '../state/health.js'
import { scopes } from '../state/tokens.js'

const closed = { additionalProperties: false } as const
const object = <Members extends TProperties>(members: Members) => Type.Object(members, closed)
const text = Type.String()
const count = Type.Integer()
const flag = Type.Boolean()
const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const config = Type.Object({}, { additionalProperties: true })

export const page = <Item extends TSchema>(item: Item) =>
  object({ items: Type.Array(item), nextCursor: orNull(text) })

const fault = object({ pointer: text, code: text, detail: text })

/** RFC 9457. */
export const problem = object({
  type: text,
  title: text,
  status: count,
  detail: text,
  errors: Type.Array(fault),
  requestId: text,
})

export const site = object({ name: text, activeVersion: orNull(count), lastVersion: count, createdAt: text })

export const version = object({
  site: text,
  number: count,
  state: Type.Enum(['draft', 'active', 'past']),
  config,
  comment: text,
  createdAt: text,
  createdBy: text,
  activatedAt: orNull(text),
})

export const difference = object({
  changes: Type.Array(
    object({ pointer: text, before: Type.Optional(Type.Unknown()), after: Type.Optional(Type.Unknown()) }),
  ),
})

export const validation = object({ valid: flag, errors: Type.Array(fault) })
export const activation = object({ name: text, activeVersion: orNull(count), revision: count })

const tokenMembers = {
  id: text,
  name: text,
  scopes: Type.Array(Type.Enum(scopes)),
  sites: orNull(Type.Array(text)),
  createdAt: text,
  expiresAt: orNull(text),
}
export const token = object(tokenMembers)
/** `token`: shown once. */
export const newToken = object({ ...tokenMembers, token: Type.Optional(text) })

export const auditEntry = object({
  sequence: count,
  at: text,
  actor: text,
  address: text,
  action: text,
  target: text,
  outcome: Type.Enum(['done', 'refused']),
  revisionBefore: count,
  revisionAfter: count,
  detail: Type.Unknown(),
  previousHash: text,
  hash: text,
})
export const verification = object({ sound: flag, firstBad: orNull(count), entries: count })

export const edge = object({
  id: text,
  name: text,
  version: text,
  tokenId: text,
  address: text,
  firstSeenAt: text,
  lastSeenAt: text,
  state: Type.Enum(['up', 'down']),
  connectedAt: orNull(text),
  position: count,
  behind: count,
  revision: orNull(count),
  revisionWanted: count,
  drift: flag,
  refused: orNull(object({ revision: count, at: text, reasons: Type.Array(text) })),
  health: orNull(edgeHealth),
})

const purgeMembers = {
  id: text,
  sequence: count,
  kind: Type.Enum(['url', 'prefix', 'tag', 'site', 'all']),
  site: orNull(text),
  items: Type.Array(text),
  soft: flag,
  createdAt: text,
  createdBy: text,
  state: Type.Enum(['pending', 'applied', 'partial', 'refused']),
  edges: object({ total: count, applied: count, pending: count, unreachable: count, refused: count }),
}
export const purge = object(purgeMembers)
export const purgeWithReceipts = object({
  ...purgeMembers,
  receipts: Type.Array(
    object({
      edge: text,
      name: text,
      state: Type.Enum(['applied', 'refused', 'pending', 'unreachable']),
      at: orNull(text),
      localSequence: orNull(count),
      reasons: Type.Array(text),
    }),
  ),
})
export const purgeCount = object({
  dryRun: flag,
  complete: flag,
  asked: count,
  edges: Type.Array(
    object({ edge: text, entries: count, scanned: count, complete: flag, reasons: Type.Array(text) }),
  ),
})

const used = Object.fromEntries(usageFields.map(name => [name, count])) as Record<
  (typeof usageFields)[number],
  typeof count
>
export const usage = object({
  items: Type.Array(object({ site: text, from: text, ...used })),
  totals: object(used),
})

const bounds = object({ soft: orNull(count), hard: orNull(count) })
export const quota = object({
  requests: bounds,
  bytesOut: bounds,
  state: Type.Enum(['under', 'soft', 'hard']),
  month: text,
  used: object({ requests: count, bytesOut: count }),
})

export const snapshot = object({ epoch: count, position: count, revision: count, sites: Type.Array(config) })
