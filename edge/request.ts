// THE PATH: every stage in order, and the one switch on the verdict. A hit runs from here to the last byte without a
// promise; what needs the origin goes on in relay.ts; every exchange ends in conclude.ts.
import { judgeScheme } from './accept/https.js'
import { judgeImage } from './accept/judge-image.js'
import { normalise } from './accept/normalise.js'
import { Upload } from './accept/upload.js'
import { behind } from './behind.js'
import { type Asked, decide, demandsOf, mayUseStored, type PassReason } from './cache/decide.js'
import { keepEntry, type ResponseEntry } from './cache/entry.js'
import { governedTarget, identify } from './cache/identify.js'
import { type Found, fetchKey, lookup } from './cache/lookup.js'
import { isOutdatedFetch, withoutOutdated } from './cache/outdated.js'
import { partKey } from './cache/slices.js'
import { isLoose, refuse } from './conclude.js'
import { deliver } from './deliver.js'
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import type { Flight } from './fetch/collapse.js'
import { follow } from './follow.js'
import { combinedValue } from './http/fields.js'
import type { ByteRange } from './http/ranges.js'
import { judgeForwarding, judgeLoad, mayRefresh } from './judge-forwarding.js'
import { broughtMeanwhile, deliverCollapsed, isReplaced, lookAgain } from './look-again.js'
import type { AlonePlan, SharedPlan, SharedReason } from './plan.js'
import { servePaused, serveUnasked } from './serve-stale.js'
import { chooseSlice } from './slices/choose-slice.js'
import { startAlone, startShared } from './start.js'
import { mayOpenWebSocket, openWebSocket } from './web-socket.js'

/** Takes one request that accept/ has read. Throws for nothing that a client can send. */
export function handle(edge: Edge, x: Exchange): void {
  edge.counters.active += 1
  const refusal =
    judgeLoad(edge) ??
    normalise(x, edge.config.limits) ??
    edge.router.route(x) ??
    judgeScheme(x) ??
    judgeImage(x)
  if (refusal !== undefined) return refuse(edge, x, refusal)
  const asked = readAsked(edge, x)
  if ((x.marks & Mark.webSocket) !== 0 && mayOpenWebSocket(x, asked)) return openWebSocket(edge, x)
  if (mayUseStored(asked)) x.target = governedTarget(x.site!, x.target)
  x.key = identify(x)
  edge.store.reads?.begin()
  edge.admission.purges.obey()
  const found = mayUseStored(asked) ? withoutOutdated(edge.admission, x, lookup(x, edge.store)) : 'uri-miss'
  const verdict = decide(found, asked, x.nowMs, x.site!.rules, x.target)
  switch (verdict.kind) {
    case 'fresh':
      return deliver(edge, x, verdict.entry, undefined)
    case 'stale': {
      // The refresh first: it reads what is gone when the answer is.
      const entry = refreshBehind(edge, x, verdict.entry)
      x.result = 'stale'
      return deliver(edge, x, entry, undefined)
    }
    case 'expired':
      return fetchShared(edge, x, verdict.reason, verdict.entry)
    case 'absent':
      return fetchShared(edge, x, verdict.reason, undefined)
    case 'pass':
      return x.method === 'HEAD'
        ? fetchHead(edge, x, verdict.reason, asked, found)
        : fetchAlone(edge, x, { kind: 'alone', reason: verdict.reason, stored: undefined }, asked)
    default:
      return impossible(verdict)
  }
}

/** What decide needs to know, and whether the connection has to close after this answer. */
function readAsked(edge: Edge, x: Exchange): Asked {
  const { body } = x
  if (edge.isDraining || isLoose(x) || (x.marks & Mark.close) !== 0) x.responder.closeAfter = true
  const hasBody = body.kind === 'chunked' || (body.kind === 'length' && body.length > 0)
  const demands = demandsOf(x, x.site!.rules)
  return { method: x.method, marks: x.marks, hasBody, demands }
}

/** Fetches a response that others may use too: asked for whole, stored if it may be. */
function fetchShared(edge: Edge, x: Exchange, reason: SharedReason, stored: ResponseEntry | undefined): void {
  const refusal = judgeForwarding(edge, x)
  if (refusal !== undefined) return serveUnasked(edge, x, stored, refusal)
  if (reason === 'stale' && servePaused(edge, x, stored)) return
  x.result = stored === undefined ? 'miss' : 'expired'
  x.reason = reason
  const slice = chooseSlice(edge, x, stored)
  if (slice === 'alone') return fetchAlone(edge, x, { kind: 'alone', reason, stored: undefined })
  // A copy: the store's view does not outlive this call.
  const plan: SharedPlan = {
    kind: 'shared',
    reason,
    stored: stored && keepEntry(stored),
    flight: undefined,
    slice,
  }
  const key = stored === undefined ? flightKey(edge, x, reason, slice) : x.storedKey
  if (!mayCollapse(x, stored !== undefined)) return startShared(edge, x, plan)
  fetchOnce(edge, x, plan, key)
}

/** A question for a part waits for one for the whole that is under way, but is not waited for by another. */
function flightKey(edge: Edge, x: Exchange, reason: SharedReason, slice: ByteRange | undefined): string {
  const key = fetchKey(x, edge.store, reason === 'uri-miss' ? 'uri-miss' : 'vary-miss')
  return slice === undefined || findFlight(edge, x, key) !== undefined ? key : partKey(key)
}

/** Follows who asks for `key` already, or asks and is followed. */
function fetchOnce(edge: Edge, x: Exchange, plan: SharedPlan, key: string): void {
  const running = findFlight(edge, x, key)
  const led = running === undefined ? lead(edge, x, key) : undefined
  const alone = () => startShared(edge, x, plan)
  if (running === undefined && led === undefined) return alone()
  // A request that follows in the same connection waits in the kernel, where it would else end this one.
  x.responder.hold()
  if (running !== undefined || led?.isElsewhere) {
    const again = () => fetchOnce(edge, x, plan, key)
    const look = () => goOn(edge, x, alone)
    return follow(edge, x, running ?? led!, { alone, again, look }) ? undefined : alone()
  }
  if (edge.collapse.isWide && isThereByNow(edge, x)) return led!.end()
  plan.flight = led
  alone()
}

/** RFC 9111 3.5: what comes for a client's credentials may be for it alone, and is not waited for. */
function lead(edge: Edge, x: Exchange, key: string): Flight | undefined {
  if (hasCredentials(x)) return undefined
  const flight = begin(edge, x, key)
  if (!flight?.isElsewhere || !isOutdatedFetch(edge.admission, x, flight, Date.now())) return flight
  // What another worker fetches was purged since it began.
  edge.collapse.retire(key)
  return begin(edge, x, key)
}

function begin(edge: Edge, x: Exchange, key: string): Flight | undefined {
  const { invalidations, purges } = edge.admission
  return edge.collapse.lead(key, x.site!, invalidations.stamp(Date.now()), purges.applied)
}

/** Another worker may have stored it between our look-up and our turn to ask: then this is a hit after all. */
function isThereByNow(edge: Edge, x: Exchange): boolean {
  const { nowMs, storedKey } = x
  const verdict = lookAgain(edge, x)
  if (verdict.kind === 'fresh') {
    x.responder.onEnd = undefined
    deliver(edge, x, verdict.entry, undefined)
    return true
  }
  x.nowMs = nowMs
  x.storedKey = storedKey
  return false
}

/** The fetch of another worker is over: answers with what it brought, or begins anew as if the request came now. */
function goOn(edge: Edge, x: Exchange, alone: () => void): void {
  const verdict = lookAgain(edge, x)
  const entry = broughtMeanwhile(verdict)
  if (entry !== undefined) return deliverCollapsed(edge, x, entry)
  if (verdict.kind === 'expired') return fetchShared(edge, x, verdict.reason, verdict.entry)
  if (verdict.kind === 'absent') return fetchShared(edge, x, verdict.reason, undefined)
  alone()
}

/** The fetch of `key` that may be followed: none that was begun before what it brings was invalidated. */
function findFlight(edge: Edge, x: Exchange, key: string): Flight | undefined {
  const running = edge.collapse.find(key, x.site!)
  if (running === undefined || !isOutdatedFetch(edge.admission, x, running, Date.now())) return running
  edge.collapse.retire(key)
  return undefined
}

/** A HEAD never leads, as it brings no body to store; but it may wait for the head of a GET. */
function fetchHead(edge: Edge, x: Exchange, reason: PassReason, asked: Asked, found: Found): void {
  // A copy first: looking for the key of the fetch ends the store's view.
  const stored = typeof found === 'string' ? undefined : keepEntry(found)
  const alone = () => fetchAlone(edge, x, { kind: 'alone', reason, stored }, asked)
  // http-rules.md 11a: with a body it is passed, whoever asks the same.
  const mayFollow = !asked.hasBody && reason !== 'bypass' && mayCollapse(x, x.storedKey !== '')
  const running = mayFollow ? findFlight(edge, x, x.storedKey || fetchKey(x, edge.store, found)) : undefined
  if (running === undefined || judgeForwarding(edge, x) !== undefined) return alone()
  x.reason = reason
  x.responder.hold()
  const look = () => goOn(edge, x, alone)
  if (!follow(edge, x, running, { alone, again: alone, look })) alone()
}

/** What one client gets by its credentials is not waited for, unless it is known to be for all (RFC 9111 3.5). */
function mayCollapse(x: Exchange, isStored: boolean): boolean {
  if (!x.site!.config.cache.collapse) return false
  return isStored || !hasCredentials(x)
}

function hasCredentials(x: Exchange): boolean {
  return x.ordinaryLines?.() === undefined && combinedValue(x.fields, 'authorization') !== undefined
}

/** Asks for a stale response anew while it is served: once at a time for all who are served it. Returns what to serve. */
function refreshBehind(edge: Edge, x: Exchange, stored: ResponseEntry): ResponseEntry {
  const key = x.storedKey
  const site = x.site!
  const { refreshFailMs, collapse } = site.config.cache
  // What comes for a client's credentials may be for it alone: somebody else's request will refresh.
  if (!mayRefresh(edge, x) || hasCredentials(x) || findFlight(edge, x, key) !== undefined) return stored
  if (!edge.refreshes.begin(key, x.nowMs)) return stored
  const flight = collapse ? lead(edge, x, key) : undefined
  // A copy: asking the store once more, as every request that leads does, ends its view.
  const kept = keepEntry(stored)
  if (flight !== undefined && isRefreshedElsewhere(edge, key, kept, flight)) return kept
  const refreshing = behind(x)
  const slice = chooseSlice(edge, refreshing, kept) as ByteRange | undefined
  const plan: SharedPlan = { kind: 'shared', reason: 'stale', stored: kept, flight, slice }
  startShared(edge, refreshing, plan, hasFailed => {
    edge.refreshes.end(key, Date.now(), hasFailed ? refreshFailMs : 0)
  })
  return kept
}

/** Whether another worker refreshes it now, or just has: then this one leaves it. */
function isRefreshedElsewhere(edge: Edge, key: string, stored: ResponseEntry, flight: Flight): boolean {
  if (!flight.isElsewhere) {
    if (!edge.collapse.isWide || !isReplaced(edge, key, stored)) return false
    flight.end()
  }
  edge.refreshes.end(key, Date.now(), 0)
  return true
}

/** Passes one request through as it is, body and all; nothing of it is stored. */
function fetchAlone(edge: Edge, x: Exchange, plan: AlonePlan, asked?: Asked): void {
  const refusal = judgeForwarding(edge, x)
  if (refusal !== undefined) return serveUnasked(edge, x, plan.stored, refusal)
  x.result = 'pass'
  x.reason = plan.reason
  if (asked?.hasBody) {
    const { bodyBytesMax, uploadMemoryBytesMax, uploadBytesPerSecondMin } = edge.config.limits
    const limits = {
      bodyBytesMax,
      memoryBytesMax: uploadMemoryBytesMax,
      bytesPerSecondMin: uploadBytesPerSecondMin,
      spool: edge.spool,
    }
    x.upload = new Upload(limits, x.responder)
    x.responder.receive(x.upload)
  }
  startAlone(edge, x, plan)
}

function impossible(verdict: never): never {
  throw new Error(`no such verdict: ${JSON.stringify(verdict)}`)
}
