// What the head of an answer changes in the store, before its body is there: a fill begins, what is stored is updated or
// goes out of use. Collecting the body is fill.ts's; what that means for entries found later is outdated.ts's.
import { type Exchange, Mark } from '../exchange.js'
import { freshen, headOutcome } from '../http/freshen.js'
import { invalidatedGroups, invalidatedTargets, invalidates } from '../http/invalidation.js'
import { type Admission, admit, forget, keep } from './admit.js'
import { type Answer, promisedBytes, weigh } from './answer.js'
import type { ResponseEntry } from './entry.js'
import type { Fill } from './fill.js'
import { invalidateGroup, type Room } from './groups.js'
import { governedTarget } from './identify.js'
import { removeEntry } from './latest.js'

/** A request with one of these asks for less than the whole, or for nothing unless something holds. */
const partialMarks = Mark.conditional | Mark.precondition | Mark.range

/**
 * `isAwaited`: others wait for it. `shared`: the answer to a GET without conditions of the client's own. Returns the fill that was begun: its answer is
 * said to be stored (RFC 9211 2.5), although a body of unknown length may yet turn out too large, or break off. The
 * head goes out before that is known, most such answers are stored in the end, and one that breaks reaches nobody.
 */
export function affectStore(
  admission: Admission & Room,
  x: Exchange,
  plan: 'shared' | 'alone',
  answer: Answer,
  isAwaited = false,
): Fill | undefined {
  if (plan === 'shared') return affectByWhole(admission, x, answer, isAwaited)
  if (x.method === 'HEAD') affectByHead(admission, x, answer)
  return invalidates(x.method, answer.status) ? affectByUnsafe(admission, x, answer) : undefined
}

function affectByWhole(
  admission: Admission,
  x: Exchange,
  answer: Answer,
  isAwaited: boolean,
): Fill | undefined {
  const { status, verdict } = answer
  // RFC 9110 15.5.5, 15.5.11: of what is not there any more nothing may be served, even when the origin fails.
  const isReplaced = (status >= 200 && status < 300) || status === 404 || status === 410
  const isKnown = isReplaced && x.storedKey !== ''
  // RFC 9111 4: a newer answer that is too large to be stored is newer all the same.
  const onTooLarge = isKnown ? () => void forget(admission, x.storedKey) : undefined
  const fill = admit(admission, x, answer, promisedBytes(answer.fields), { onTooLarge, isAwaited })
  if (fill === undefined && (verdict.store || mustForget(answer))) onTooLarge?.()
  return fill
}

/** RFC 9111 3.5: that a client's own answer is not for others says nothing of what they get; nor does one that it may have caused. */
export function mustForget({ verdict }: Answer): boolean {
  return !verdict.store && verdict.reason !== 'authorization' && verdict.reason !== 'suspect'
}

/** RFC 9111 4.4 and RFC 9875 3. What it brings itself comes after what it puts out of use, and so stays. */
function affectByUnsafe(admission: Admission & Room, x: Exchange, answer: Answer): Fill | undefined {
  const { status, fields, receivedMs } = answer
  const { scheme, method, target, authority, keyPrefix } = x
  const site = x.site!
  const { invalidations } = admission
  const atMs = invalidations?.stamp(receivedMs) ?? receivedMs
  const changed = { method, status, fields, target, host: authority, scheme }
  for (const each of invalidatedTargets(changed)) {
    invalidateTarget(admission, keyPrefix + governedTarget(site, each), atMs)
  }
  // RFC 9875 2.2.1 permits to take with a URL all groups of what was stored there; who means that names the groups.
  for (const group of invalidatedGroups(method, status, fields)) {
    invalidateGroup(admission, keyPrefix, group, atMs)
  }
  if (!answer.verdict.store || (x.marks & partialMarks) !== 0) return undefined
  // RFC 9110 9.3.3: from here on it is what a GET of the same URL finds.
  const asGet: Exchange = { ...x, fields: x.fields, key: keyPrefix + governedTarget(site, target) }
  const askedAtMs = invalidations?.stamp(receivedMs) ?? receivedMs
  return admit(admission, asGet, { ...answer, askedAtMs }, promisedBytes(fields))
}

/** All variants of the URL go with its own key. */
function invalidateTarget(room: Room, key: string, atMs: number): void {
  room.invalidations?.note(key, atMs)
  removeEntry(room.store, key).catch((error: unknown) => {
    room.invalidations?.distrustStore()
    room.onFailure(error, key)
  })
}

/**
 * RFC 9111 4.3.5: the answer to a HEAD updates the response that would have answered it, or shows that it is outdated.
 * Then it is removed: it was stale already, so all it could be used for is to be served when the origin fails.
 */
function affectByHead(admission: Admission, x: Exchange, answer: Answer): void {
  if (x.storedKey === '' || answer.status !== 200) return
  const stored = admission.store.get(x.storedKey)
  // What was asked for after this HEAD knows better.
  if (stored?.kind !== 'response' || stored.askedAtMs >= answer.askedAtMs) return
  const { status, fields } = answer
  const { etag, lastModified, bodyBytes } = stored
  const identity = { etag, lastModified, contentLength: bodyBytes }
  const isSame = stored.status === 200 && headOutcome({ stored: identity, status, fields }) === 'freshens'
  if (isSame) freshenByHead(admission, x, answer, stored)
  else void forget(admission, x.storedKey)
}

/** Its body is not asked for anew, so what was invalidated since it was asked for stays so. */
function freshenByHead(admission: Admission, x: Exchange, answer: Answer, stored: ResponseEntry): void {
  const { askedAtMs, receivedMs, fields } = answer
  const { fence } = stored
  const { scheme, target, fields: asked } = x
  const request = { scheme, method: 'GET', target, fields: asked, sentMs: askedAtMs, fence }
  const merged = weigh(200, freshen(stored.received, fields), request, receivedMs, x.site!.rules)
  // The view of the body is read before the store is asked for anything else.
  if (merged.verdict.store)
    void keep(admission, x, { ...merged, askedAtMs: stored.askedAtMs }, stored.content)
  else if (mustForget(merged)) void forget(admission, x.storedKey)
}
