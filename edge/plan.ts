// What the origin is asked for: for one client, or for all who may use the answer. Made by request.ts, carried out by
// relay.ts.
import type { ExpiredReason, PassReason } from './cache/decide.js'
import type { ResponseEntry } from './cache/entry.js'
import type { Wanted } from './fetch/build-ask.js'
import type { Flight } from './fetch/collapse.js'
import type { ByteRange } from './http/ranges.js'
import { originConditions } from './http/validators.js'

/** Why an answer is asked for that others may use too. */
export type SharedReason = 'uri-miss' | 'vary-miss' | ExpiredReason

export interface SharedPlan {
  kind: 'shared'
  reason: SharedReason
  /** What a 304 would freshen. */
  stored: ResponseEntry | undefined
  /** Those who wait for this answer. */
  flight: Flight | undefined
  /** The block that is asked for of an object that may be kept in blocks; undefined: the whole. */
  slice: ByteRange | undefined
}

export interface AlonePlan {
  kind: 'alone'
  reason: PassReason
  /** What a HEAD may be answered with when the origin fails. */
  stored: ResponseEntry | undefined
  /** It opens a WebSocket. */
  isHandshake?: boolean
}

/** `alone`: for this client only. `shared`: may be stored. */
export type Plan = AlonePlan | SharedPlan

/** What is asked of the origin. */
export function wantedBy(plan: Plan): Wanted {
  if (plan.kind === 'alone') return { kind: plan.isHandshake ? 'webSocket' : 'asAsked' }
  const { stored, slice: range } = plan
  const conditions = stored === undefined ? [] : originConditions(stored)
  return { kind: 'whole', conditions, range }
}
