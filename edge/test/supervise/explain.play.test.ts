// GET /explain over the admin socket of a running edge: answered by a real worker, and clearly refused without one.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startOrigin } from '../support/origin.js'
import { always } from '../support/play.js'
import { fetchText, replacementOf, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const main = fileURLToPath(new URL('../../main.js', import.meta.url))

const script = always(200, { 'cache-control': 'max-age=600' }, 'from the origin')

t.test('naij-edge explains a request by a worker that serves', async t => {
  const sites = [{ name: 'shop', hosts: ['127.0.0.1'], origins: [(await startOrigin(t, script)).url] }]
  const edge = startEdge(t, { sites, workers: 1 }, main)
  const url = await edge.url()
  const explain = (query: string) => edge.admin(`/explain?${query}`)
  const asked = `url=${encodeURIComponent(`${url}/a?b=1&c=2`)}`

  t.match(JSON.parse((await explain(asked)).body), { verdict: 'absent', site: 'shop' })
  await fetchText(`${url}/a?b=1&c=2`)
  const hit = await until(async () => {
    const { status, body } = await explain(asked)
    t.equal(status, 200)
    return JSON.parse(body).verdict === 'fresh' ? JSON.parse(body) : undefined
  })
  t.match(hit, {
    key: `http shop ${url.slice('http://'.length)}/a?b=1&c=2`,
    entry: { status: 200, bodyBytes: 15, received: [['cache-control', 'max-age=600']] },
    freshness: { basis: 'max-age', words: /^max-age=600 of Cache-Control, .*: fresh for \d/ },
  })
  const text = await explain(`${asked}&format=text&header=Accept:%20x`)
  t.match(text.body, /^GET http:.*\naccept: x\n\nFRESH: a hit, fresh for /)
  const stranger = await explain('url=http%3A%2F%2Fother.example%2F')
  t.equal(stranger.status, 400)
  t.match(JSON.parse(stranger.body), { error: { code: 'unknown-host', expected: 'one of 127.0.0.1' } })
  const bad = await explain('url=%2Fa')
  t.equal(bad.status, 400)
  t.match(JSON.parse(bad.body), { error: { code: 'url-relative' } })
  const long = `http://127.0.0.1/${'%'.repeat(15_000)}`
  t.match(JSON.parse((await explain(`url=${encodeURIComponent(long)}`)).body), {
    verdict: 'refused',
    refusal: { status: 414 },
  })
  const { counters } = await edge.status()
  t.match(counters, { requests: 1, originRequests: 1 }, 'no explanation is counted')
})

t.test('naij-edge says that the worker died over a question, and goes on', async t => {
  const edge = startEdge(t, { workers: 1 })
  await edge.ready()
  const first = (await edge.status()).workers[0]!.pid!
  // Such a worker, by supervise-worker.ts, does not live through this question.
  const died = await edge.admin('/explain?url=http://a.example/crash')
  t.equal(died.status, 503)
  t.match(JSON.parse(died.body), {
    error: { code: 'worker-failed', message: 'worker 0 was asked: the worker died' },
  })
  await replacementOf(edge, first)
  const { status, body } = await edge.admin('/explain?url=http://a.example/')
  t.equal(status, 400)
  t.match(JSON.parse(body), { error: { code: 'play', message: 'asked about http://a.example/' } })
})
