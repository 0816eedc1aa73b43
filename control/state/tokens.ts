// Tokens: who may ask control for what. Only the hash of a secret is kept; the token itself is shown once.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Tables } from './database.js'

export const scopes = [
  'sites:read',
  'sites:write',
  'purge:select',
  'purge:all',
  'usage:read',
  'edges:sync',
  'tokens:write',
  'audit:read',
  'admin',
] as const
export type Scope = (typeof scopes)[number]

export interface TokenRow {
  readonly id: string
  readonly name: string
  /** SHA-256 of the secret, hex. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  /** Names of sites that it is for; null: all. */
  readonly sites: readonly string[] | null
  readonly createdAt: string
  readonly expiresAt: string | null
}

export type TokenDraft = Pick<TokenRow, 'name' | 'scopes' | 'sites' | 'expiresAt'>

const form = /^nce_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

/** Within a transaction. `token`: to be shown once. */
export function createToken(
  { tokens }: Tables,
  draft: TokenDraft,
  nowMs: number,
): { row: TokenRow; token: string } {
  const id = randomBytes(8).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  const row = { id, ...draft, hash: hashOf(secret).toString('hex'), createdAt: new Date(nowMs).toISOString() }
  tokens.putSync(id, row)
  return { row, token: `nce_${id}_${secret}` }
}

/** The row of a token that is right and has not expired; `authorization`: the value of that field (RFC 6750 2.1). */
export function findToken(
  { tokens }: Pick<Tables, 'tokens'>,
  authorization: string | undefined,
  nowMs: number,
): TokenRow | undefined {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
  const [, id, secret] = form.exec(token) ?? []
  const row = id === undefined ? undefined : tokens.get(id)
  if (row === undefined || secret === undefined) return undefined
  if (!timingSafeEqual(hashOf(secret), Buffer.from(row.hash, 'hex'))) return undefined
  return isValid(row, nowMs) ? row : undefined
}

/** It is there, and has not expired. */
export function isValid(row: TokenRow | undefined, nowMs: number): row is TokenRow {
  return row !== undefined && (row.expiresAt === null || Date.parse(row.expiresAt) > nowMs)
}

/** Whether it may do this, to this site if it is about one. */
export function allows(
  row: Pick<TokenRow, 'scopes' | 'sites'>,
  scope: Scope,
  site: string | undefined,
): boolean {
  const hasScope = row.scopes.includes(scope) || row.scopes.includes('admin')
  return hasScope && (row.sites === null || (site !== undefined && row.sites.includes(site)))
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
