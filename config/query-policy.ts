// The one setting whose value is a word or an object: what of the query counts. Its form and its type; what it does to
// a target is edge/http/query.ts.
import { isPlain } from './plain.js'

export type QueryPolicy =
  | 'asIs'
  | 'sort'
  | 'none'
  | { readonly keep: readonly string[] }
  | { readonly drop: readonly string[] }

const words: readonly unknown[] = ['asIs', 'sort', 'none']
const namesMax = 64

/** A decoded name, `*` only at its end: a parameter's separators and control characters are never part of one. */
const parameterName = /^[^\p{C}*&=#]{0,127}(?:[^\p{C}*&=#]|\*)$/u

export const queryPolicyExpected =
  `"asIs", "sort", "none", {"keep": [...]} or {"drop": [...]} with 1 to ${namesMax} names of parameters ` +
  'such as "page" or "utm_*"'

export function isQueryPolicy(value: unknown): value is QueryPolicy {
  if (!isPlain(value)) return words.includes(value)
  const [key, ...otherKeys] = Object.keys(value)
  if (otherKeys.length > 0 || (key !== 'keep' && key !== 'drop')) return false
  const names = value[key]
  return (
    Array.isArray(names) && names.length >= 1 && names.length <= namesMax && Array.from(names).every(isName)
  )
}

/** A copy, so that freezing the config does not freeze what it was made of. */
export function copyOfQueryPolicy(policy: QueryPolicy): QueryPolicy {
  if (typeof policy === 'string') return policy
  return 'keep' in policy ? { keep: [...policy.keep] } : { drop: [...policy.drop] }
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && parameterName.test(name)
}
