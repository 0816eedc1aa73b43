import t from 'tap'
import { median, pairedRatios, quantile, spreadOf } from '../statistics.js'

t.test('quantile() interpolates between neighbours and does not need order', async t => {
  const cases: [values: number[], part: number, expected: number][] = [
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[10], 0.25, 10],
    [[1, 2, 3, 4, 5], 0.25, 2],
    [[1, 2, 3, 4], 0.25, 1.75],
    [[1, 2], 0, 1],
    [[1, 2], 1, 2],
  ]
  for (const [values, part, expected] of cases) t.equal(quantile(values, part), expected)
  t.ok(Number.isNaN(median([])))
})

t.test('spreadOf() gives median, extremes and quartiles', async t => {
  t.strictSame(spreadOf([5, 1, 3, 2, 4]), { median: 3, min: 1, max: 5, quartile1: 2, quartile3: 4 })
})

t.test('pairedRatios() divides round by round and stops at the shorter list', async t => {
  t.strictSame(pairedRatios([2, 9, 1], [1, 3]), [2, 3])
})
