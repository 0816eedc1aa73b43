// An answer of the demo's origin as a value, and what a request's conditions turn it into (RFC 9110 13).
// Where answers come from is content.ts (files) and endpoints.ts (made at each request); sending is origin.ts.
import { createHash } from 'node:crypto'

export interface Resource {
  status: number
  type: string
  body: Buffer
  /** The value of Cache-Control. */
  cacheControl: string
  modifiedAt: Date
  /** Further fields, such as Vary. */
  fields?: Record<string, string>
}

/** Only what decides about a condition; names in lower case as node:http gives them. */
export interface Conditions {
  'if-none-match'?: string | undefined
  'if-modified-since'?: string | undefined
}

/** A strong tag of the bytes: the same content has it in every run. */
export function tagOf(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`
}

/** The fields of the whole answer but Date and Content-Length, which belong to the sending. */
export function fieldsOf(resource: Resource): Record<string, string> {
  return {
    'Content-Type': resource.type,
    'Cache-Control': resource.cacheControl,
    ETag: tagOf(resource.body),
    'Last-Modified': resource.modifiedAt.toUTCString(),
    ...resource.fields,
  }
}

/** Whether the asker has it already, so that 304 is the answer. */
export function isUnchanged(resource: Resource, conditions: Conditions): boolean {
  if (resource.status !== 200) return false
  const tags = conditions['if-none-match']
  // RFC 9110 13.1.3: with If-None-Match there, If-Modified-Since is not looked at.
  if (tags !== undefined) return matchesTag(tags, tagOf(resource.body))
  const since = Date.parse(conditions['if-modified-since'] ?? '')
  return !Number.isNaN(since) && wholeSeconds(resource.modifiedAt) <= since
}

/** Weak comparison (RFC 9110 13.1.2): `W/` does not count. Our tags hold no comma, so a plain split will do. */
function matchesTag(list: string, tag: string): boolean {
  const members = list.split(',').map(member => member.trim().replace(/^W\//, ''))
  return members.includes('*') || members.includes(tag)
}

/** HTTP dates have no parts of a second. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000
}
