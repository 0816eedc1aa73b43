import { join } from 'node:path'
import t from 'tap'
import { checkBudgets, judge, readBudgets } from '../budgets.js'
import { SCENARIOS } from '../everything.js'

t.test('the budgets that we ship are of scenarios, cases and peers that there are', async t => {
  const peers = ['nginx', 'haproxy', 'varnish', 'trafficserver', 'constant', 'edge@before']
  for (const [name, cases] of Object.entries(readBudgets())) {
    const scenario = SCENARIOS.find(other => other.name === name)
    t.ok(scenario, name)
    for (const [item, ratios] of Object.entries(cases)) {
      t.ok(
        scenario?.cases.some(other => other.name === item),
        `${name}, ${item}`,
      )
      for (const peer of Object.keys(ratios)) t.ok(peers.includes(peer), `${name}, ${item}, ${peer}`)
    }
  }
})

t.test('readBudgets() says what is wrong with a file', async t => {
  const directory = t.testdir({ 'not.json': '{', 'bad.json': '{"hit":[]}' })
  t.throws(() => readBudgets(join(directory, 'not.json')), { name: 'Problem', message: /not\.json: / })
  t.throws(() => readBudgets(join(directory, 'absent')), { name: 'Problem', message: /ENOENT/ })
  t.throws(() => readBudgets(join(directory, 'bad.json')), {
    message: /bad\.json: hit: \[\], expected an object/,
  })
  for (const ratio of [0, '1', null, -1]) {
    t.throws(() => checkBudgets({ hit: { a: { nginx: ratio } } }, 'f'), {
      message: `f: hit, a, nginx: ${JSON.stringify(ratio)}, expected a number above 0`,
    })
  }
})

t.test('judge() misses only what is beyond doubt', async t => {
  const interval = { low: 0.7, high: 0.9, level: 0.95 }
  t.equal(judge({ median: 0.8, interval }, 0.8), 'met')
  t.equal(judge({ median: 0.8, interval }, 0.75), 'open')
  t.equal(judge({ median: 0.8, interval }, 0.69), 'missed')
})
