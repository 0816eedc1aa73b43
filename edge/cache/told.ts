// What clients are told of a response beside what its origin says: that others get other forms of it, and that it is a
// dictionary.
import { varyingByEncoding } from '../http/content-codings.js'
import { isOffered, offerFor } from '../http/dictionaries.js'
import type { Fields } from '../http/fields.js'
import type { Answer } from './answer.js'

/** What clients are told, where it is not what the origin said. */
export function toldFields(fields: Fields, answer: Pick<Answer, 'forms' | 'dictionary'>): Fields {
  const { forms } = answer
  return forms === undefined || forms === 'image' ? fields : varyingByEncoding(offering(fields, answer))
}

/** With what the site offers as a dictionary where the origin does not (RFC 9842 2.1). */
export function offering(fields: Fields, { dictionary }: Pick<Answer, 'dictionary'>): Fields {
  if (dictionary === undefined || isOffered(fields)) return fields
  return [...fields, 'Use-As-Dictionary', offerFor(dictionary)]
}
