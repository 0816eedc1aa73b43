import t from 'tap'
import { traceIdOf } from '../../http/trace-context.js'

const id = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

t.test('traceIdOf() reads one sound traceparent (W3C Trace Context 3.2)', async t => {
  const table: [why: string, values: string[], traceId: string | undefined][] = [
    ['the example of 3.2.3', [`00-${id}-${parent}-01`], id],
    ['not sampled', [`00-${id}-${parent}-00`], id],
    ['white space around', [` 00-${id}-${parent}-01 `], id],
    ['a later version', [`cc-${id}-${parent}-01`], id],
    ['a later version with more', [`cc-${id}-${parent}-01-what-the-future-holds`], id],
    ['a later version with more, ill-separated', [`cc-${id}-${parent}-01.what`], undefined],
    ['none', [], undefined],
    ['two', [`00-${id}-${parent}-01`, `00-${id}-${parent}-01`], undefined],
    ['version 00 with more', [`00-${id}-${parent}-01-more`], undefined],
    ['version ff', [`ff-${id}-${parent}-01`], undefined],
    ['no trace', [`00-${'0'.repeat(32)}-${parent}-01`], undefined],
    ['no parent', [`00-${id}-${'0'.repeat(16)}-01`], undefined],
    ['upper case', [`00-${id.toUpperCase()}-${parent}-01`], undefined],
    ['too short', [`00-${id.slice(1)}-${parent}-01`], undefined],
    ['empty', [''], undefined],
  ]
  for (const [why, values, traceId] of table)
    t.equal(traceIdOf(values.flatMap(value => ['Traceparent', value])), traceId, why)
})
