// Answers what the edge would do with a request, and why: a reader of the path. It walks the stages of request.ts up to
// the verdict with an exchange that nobody waits for, and then tells what they found. Nothing is fetched, stored,
// counted or logged by it.
import { judgeScheme } from '../accept/https.js'
import { judgeImage } from '../accept/judge-image.js'
import { normalise } from '../accept/normalise.js'
import { type RequestSource, read } from '../accept/read.js'
import { judgeConditions } from '../answer-conditions.js'
import { type Asked, decide, demandsOf, mayUseStored, type Verdict } from '../cache/decide.js'
import { keepEntry, type ResponseEntry } from '../cache/entry.js'
import { governedTarget, identify } from '../cache/identify.js'
import { type Found, lookup } from '../cache/lookup.js'
import { withoutOutdated } from '../cache/outdated.js'
import type { Edge } from '../edge.js'
import { type Exchange, Mark } from '../exchange.js'
import { isHandshake } from '../http/web-socket.js'
import { judgeForwarding } from '../judge-forwarding.js'
import { type Refusal, refusals } from '../respond/refuse.js'
import { SilentResponder } from '../respond/silent.js'
import { chooseSlice } from '../slices/choose-slice.js'
import { judgeWebSocket, mayOpenWebSocket } from '../web-socket.js'
import { describeEntry, describeVariants, pairs } from './entry-view.js'
import type { Explained, Explanation } from './explanation.js'
import { describeForm } from './form-view.js'
import type { Question } from './question.js'
import { describeStale } from './stale-view.js'
import { sumUp } from './sums.js'
import { type Course, type Known, type Onward, why } from './why.js'
import { isoTime } from './words.js'

/** Hosts that an error names, so that it can be read. */
const hostsShownMax = 8

/** Synchronous; `nowMs` is wall clock. A fault when no site answers for the host of the question. */
export function explain(edge: Edge, question: Question, nowMs: number): Explained {
  const x = read(requestOf(question), new SilentResponder(), nowMs, 0, question.scheme)
  const refusal = normalise(x, edge.config.limits) ?? edge.router.route(x) ?? judgeScheme(x) ?? judgeImage(x)
  if (refusal === refusals.unknownHost) return unknownHost(edge, question)
  const known = basisOf(x, question)
  if (refusal !== undefined) return explained({ ...known, refusal: pick(refusal) }, undefined)
  const asked = askedOf(x)
  if (asksForWebSocket(x, asked)) return explainWebSocket(edge, x, known, question.target)
  if (mayUseStored(asked)) x.target = governedTarget(x.site!, x.target)
  x.key = identify(x)
  const { found, isInvalidated } = look(edge, x, asked)
  const { verdict, slice } = judge(edge, x, decide(found, asked, nowMs, x.site!.rules, x.target))
  const variants = mayUseStored(asked) ? describeVariants(x, edge.store) : null
  const stored = typeof found === 'string' ? {} : describeFound(edge, found, x, asked)
  const all = { ...known, site: x.site!.name, key: x.key, governedTarget: x.target, variants, ...stored }
  const onward = onwardOf(edge, x, verdict)
  // RFC 9110 13.2.1: conditions hold for what would be a 200.
  const conditions = typeof found === 'string' || found.status !== 200 ? 200 : judgeConditions(x, found)
  const course = { received: question.target, x, asked, verdict, slice, isInvalidated, conditions, onward }
  return explained({ ...all, verdict: verdict.kind }, course)
}

/** Of what is not there perhaps only a part is asked for, as request.ts has it. */
function judge(edge: Edge, x: Exchange, verdict: Verdict): Pick<Course, 'verdict' | 'slice'> {
  if (verdict.kind !== 'absent') return { verdict }
  const slice = chooseSlice(edge, x, undefined)
  return slice === 'alone' ? { verdict: { kind: 'pass', reason: verdict.reason } } : { verdict, slice }
}

/** As accept/listen and request.ts see it: the engine takes no other method for a handshake. */
function asksForWebSocket(x: Exchange, asked: Asked): boolean {
  return x.method === 'GET' && isHandshake(x.fields) && mayOpenWebSocket(x, asked)
}

function explainWebSocket(edge: Edge, x: Exchange, known: Known, received: string): Explained {
  x.marks |= Mark.webSocket
  const verdict: Verdict = { kind: 'pass', reason: 'bypass' }
  const onward = judgeForwarding(edge, x) ?? judgeWebSocket(edge, x) ?? 'open'
  const course = {
    received,
    x,
    asked: askedOf(x),
    verdict,
    isInvalidated: false,
    conditions: 200,
    onward,
  } as const
  return explained({ ...known, site: x.site!.name, governedTarget: x.target, verdict: 'pass' }, course)
}

/** What is stored and may be considered; a copy, because the store is looked into again for the variants. */
function look(edge: Edge, x: Exchange, asked: Asked): { found: Found; isInvalidated: boolean } {
  if (!mayUseStored(asked)) return { found: 'uri-miss', isInvalidated: false }
  edge.admission.purges.obey()
  const before = lookup(x, edge.store)
  const flags = typeof before === 'string' ? undefined : before.flags
  const after = withoutOutdated(edge.admission, x, before)
  const found = typeof after === 'string' ? after : keepEntry(after)
  const isInvalidated = flags !== undefined && (typeof found === 'string' || found.flags !== flags)
  return { found, isInvalidated }
}

/** What is found when the origin has to be asked, in the order of request.ts. */
function onwardOf(edge: Edge, x: Exchange, { kind }: Verdict): Onward {
  if (kind === 'fresh' || kind === 'stale') return 'unneeded'
  return judgeForwarding(edge, x) ?? 'open'
}

/** As the engine shows a request to accept/read: that marks, framing and Host are noted by the path's own hand. */
function requestOf({ method, authority, target, fields }: Question): RequestSource {
  const queryAt = target.indexOf('?')
  const request = {
    getCaseSensitiveMethod: () => method,
    getUrl: () => (queryAt === -1 ? target : target.slice(0, queryAt)),
    getQuery: () => (queryAt === -1 ? undefined : target.slice(queryAt + 1)),
    forEach: (each: (name: string, value: string) => void) => {
      each('host', authority)
      for (let i = 0; i < fields.length; i += 2) each(fields[i], fields[i + 1])
    },
  }
  return request
}

function askedOf(x: Exchange): Asked {
  const { body, method, marks } = x
  const hasBody = body.kind === 'chunked' || (body.kind === 'length' && body.length > 0)
  return { method, marks, hasBody, demands: demandsOf(x, x.site!.rules) }
}

/** What is known of every question; of a refused one it is all. */
function basisOf(x: Exchange, question: Question): Known {
  return {
    request: { method: question.method, url: question.url, fields: pairs(question.fields) },
    at: isoTime(x.nowMs),
    site: x.site?.name ?? null,
    refusal: null,
    key: null,
    governedTarget: null,
    variants: null,
    entry: null,
    form: null,
    freshness: null,
    policy: null,
    verdict: 'refused',
    stale: null,
  }
}

function describeFound(
  { store }: Edge,
  entry: ResponseEntry,
  x: Exchange,
  { demands }: Asked,
): Pick<Explanation, 'entry' | 'form' | 'freshness' | 'policy' | 'stale'> {
  const { target, nowMs } = x
  const { rules } = x.site!
  const { freshness, policy } = sumUp(entry, target, rules, nowMs)
  const stale = describeStale({ entry, target, rules, policy, demands, nowMs })
  return {
    entry: describeEntry(entry, x.storedKey, nowMs),
    form: describeForm(entry, x, store),
    freshness,
    policy,
    stale,
  }
}

function explained(known: Known, course: Course | undefined): Explained {
  return { ok: true, explanation: { ...known, why: why(known, course) } }
}

function pick({ status, code, message }: Refusal): Explanation['refusal'] {
  return { status, code, message }
}

function unknownHost(edge: Edge, { authority }: Question): Explained {
  const hosts = edge.router.sites.list.flatMap(site => site.config.hosts)
  const more = hosts.length > hostsShownMax ? ` and ${hosts.length - hostsShownMax} more` : ''
  const message = `no site here answers for the host ${authority}; a client would get 421`
  return {
    ok: false,
    fault: {
      code: 'unknown-host',
      message,
      expected: `one of ${hosts.slice(0, hostsShownMax).join(', ')}${more}`,
    },
  }
}
