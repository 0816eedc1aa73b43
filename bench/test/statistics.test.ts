import t from 'tap'
import { isWithin, median, medianInterval, pairedRatios, quantile, spreadOf } from '../statistics.js'

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
  t.strictSame(spreadOf([5, 1, 3, 2, 4]), {
    ...{ median: 3, min: 1, max: 5, quartile1: 2, quartile3: 4 },
    interval: { low: 1, high: 5, level: 0.9375 },
  })
})

t.test('pairedRatios() divides round by round and stops at the shorter list', async t => {
  t.strictSame(pairedRatios([2, 9, 1], [1, 3]), [2, 3])
})

t.test('medianInterval() is the narrowest of 95%, or the widest there is', async t => {
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
  const cases: [count: number, low: number, high: number, level: number][] = [
    [1, 1, 1, 0],
    [5, 1, 5, 0.9375],
    [6, 1, 6, 0.96875],
    [8, 1, 8, 0.9921875],
    [9, 2, 8, 0.9609375],
    [12, 3, 10, 0.961426],
    [20, 6, 15, 0.958611],
  ]
  for (const [count, low, high, level] of cases) {
    const interval = medianInterval(upTo(count).reverse())
    t.match(interval, { low, high }, `${count}`)
    t.ok(Math.abs(interval.level - level) < 1e-6, `${count}: ${interval.level}`)
  }
  t.ok(Number.isNaN(medianInterval([]).low))
})

t.test('isWithin() wants both ends near enough, with 95%', async t => {
  t.ok(isWithin({ low: 0.98, high: 1.02, level: 0.95 }, 1, 0.03))
  for (const interval of [
    { low: 0.96, high: 1.02, level: 0.95 },
    { low: 0.98, high: 1.04, level: 0.95 },
    { low: 1, high: 1, level: 0.93 },
    { low: Number.NaN, high: Number.NaN, level: 1 },
  ]) {
    t.notOk(isWithin(interval, 1, 0.03))
  }
})
