import t from 'tap'
import { fill } from '../../host/fill.js'
import { contextOf } from './support.js'

t.test('fill puts bodies with and without their records', async t => {
  const outcome = await fill.run(contextOf(t, { bodies: 40 }))
  t.match(outcome.lines, [
    /^body and record, 256 at a time: \d+ MB\/s \(>= 200\), \d+ us CPU per body$/,
    /^body and record, 16 at a time: \d+ MB\/s, /,
    /^body alone, 16 at a time: /,
  ])
  t.equal((outcome.samples as unknown[]).length, 3)
  t.strictSame(outcome.faults, [])
})
