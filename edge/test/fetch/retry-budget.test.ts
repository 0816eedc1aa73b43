import t from 'tap'
import { RetryBudget } from '../../fetch/retry-budget.js'

/** How many of `tries` second tries at this moment are allowed. */
function spent(budget: RetryBudget, tries: number, nowMs: number): number {
  return Array.from({ length: tries }, () => budget.spend(nowMs)).filter(Boolean).length
}

t.test('a share of the requests may be tried again', async t => {
  const budget = new RetryBudget({ budgetPercent: 20, budgetMin: 0 }, 0)
  t.equal(spent(budget, 5, 0), 0)
  for (let at = 0; at < 100; at += 1) budget.earn()
  t.equal(spent(budget, 100, 0), 20)
})

t.test('and so many a second whatever there is of requests', async t => {
  const budget = new RetryBudget({ budgetPercent: 0, budgetMin: 10 }, 0)
  t.equal(spent(budget, 50, 0), 10)
  t.equal(spent(budget, 50, 500), 5)
  t.equal(spent(budget, 50, 400), 0, 'a clock that goes back gives nothing')
})

t.test('what is saved up has an end', async t => {
  const budget = new RetryBudget({ budgetPercent: 20, budgetMin: 10 }, 0)
  t.equal(spent(budget, 10_000, 3_600_000), 200)
  for (let at = 0; at < 1e6; at += 1) budget.earn()
  t.equal(spent(budget, 10_000, 3_600_000), 200)
})

t.test('none at all', async t => {
  const budget = new RetryBudget({ budgetPercent: 0, budgetMin: 0 }, 0)
  budget.earn()
  t.equal(spent(budget, 10, 1e9), 0)
})
