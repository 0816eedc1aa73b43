// W3C Trace Context: who asked, in the eyes of a tracing system. We make no spans of our own: what is sound goes on as it
// came, and its id is in the log, so that a line can be found from a trace and the other way round.
import { allValues, type Fields } from './fields.js'

/** Section 3.2.2: version, trace-id, parent-id, flags. A later version may have more behind these. */
const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/

/** Section 3.2.2.3, 3.2.2.4: all zeros are nobody. */
const nobody = /^0+$/

/** The trace-id, when there is exactly one sound `traceparent`. Case matters: the fields of 3.2 are lower-case. */
export function traceIdOf(fields: Fields): string | undefined {
  const values = allValues(fields, 'traceparent')
  const [, version, traceId, parentId, more] = (values.length === 1 && form.exec(values[0]!.trim())) || []
  if (version === undefined || traceId === undefined || parentId === undefined) return undefined
  // 3.2.2.2: ff is no version. 3.2.2.1: in 00 nothing follows.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  return nobody.test(traceId) || nobody.test(parentId) ? undefined : traceId
}
