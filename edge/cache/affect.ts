// What the head of an answer changes in the store, before its body is there: a fill begins, or what is stored goes out
// of use. Collecting the body is admit.ts's.
import type { Exchange } from '../exchange.js'
import { invalidatedTargets } from '../http/invalidation.js'
import { type Admission, admit, type Fill, forget } from './admit.js'
import { type Answer, promisedBytes } from './answer.js'
import { governedTarget } from './identify.js'

/** `shared`: the answer to a GET without conditions of the client's own. Returns the fill that was begun. */
export function affectStore(
  admission: Admission,
  x: Exchange,
  plan: 'shared' | 'alone',
  answer: Answer,
): Fill | undefined {
  const { status } = answer
  if (plan === 'shared') {
    const isReplaced = status >= 200 && status < 300 && !answer.verdict.store
    if (isReplaced && x.storedKey !== '') void forget(admission, x.storedKey)
    return admit(admission, x, answer, promisedBytes(answer.fields))
  }
  const { method, target, authority, keyPrefix, site } = x
  const changed = { method, status, fields: answer.fields, target, host: authority, scheme: 'http' }
  for (const each of invalidatedTargets(changed)) {
    void forget(admission, keyPrefix + governedTarget(site!, each))
  }
  return undefined
}
