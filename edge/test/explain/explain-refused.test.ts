// explain() of what is no request to this edge.
import t from 'tap'
import { explaining } from '../support/explained.js'

const play = 'url=http://play.example/'

t.test('explain() says what the edge itself would refuse', async t => {
  const { ask } = explaining(t)
  const cases: [query: string, refusal: Record<string, unknown>][] = [
    ['url=http://pl%5Ey.example/', { status: 400, code: 'host' }],
    [`${play}%25zz`, { status: 400, code: 'target' }],
    [`${play}${'x'.repeat(9_000)}`, { status: 414, code: 'target-too-long' }],
    [`${play}&method=TRACE`, { status: 405, code: 'method-not-allowed' }],
    [`${play}&header=Content-Length:%20x`, { status: 400, code: 'framing' }],
    [`${play}&header=Expect:%20x`, { status: 417, code: 'expectation' }],
  ]
  for (const [query, refusal] of cases) {
    const explanation = ask(query)
    t.match(
      explanation,
      { verdict: 'refused', refusal, key: null, entry: null, stale: null },
      query.slice(0, 60),
    )
    t.match(explanation.why, [`The edge itself refuses it with ${refusal.status} ${refusal.code}: `])
  }
})

t.test('explain() finds fault with a host of no site, and names some that there are', async t => {
  const many = Array.from({ length: 10 }, (_, index) => `h${index}.example`)
  const { answer } = explaining(t, { hosts: many })
  t.strictSame(answer(play), {
    ok: false,
    fault: {
      code: 'unknown-host',
      message: 'no site here answers for the host play.example; a client would get 421',
      expected:
        'one of h0.example, h1.example, h2.example, h3.example, h4.example, h5.example, h6.example, h7.example and 2 more',
    },
  })
  t.match(explaining(t, { hosts: ['a.example'] }).answer(play), { fault: { expected: 'one of a.example' } })
})
