// The real worker under the real supervisor: that a request comes through, and that what the two say fits together.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startOrigin } from '../support/origin.js'
import { always } from '../support/play.js'
import { fetchText, replacementOf, runProgram, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const main = fileURLToPath(new URL('../../main.js', import.meta.url))
const worker = fileURLToPath(new URL('../../worker.js', import.meta.url))

const script = always(200, { 'cache-control': 'max-age=60' }, 'from the origin')

t.test('a worker without a supervisor says so and exits 1', async t => {
  const { code, stderr } = await runProgram(t, [], worker).ended
  t.equal(code, 1)
  t.match(stderr, /a worker is started by its supervisor/)
})

t.test('naij-edge serves, outlives a worker, swaps its sites and drains: with real workers', async t => {
  const origins = [(await startOrigin(t, script)).url]
  const edge = startEdge(t, { sites: [{ hosts: ['*'], origins }] }, main)
  const url = await edge.url()

  t.equal(await fetchText(url), 'from the origin')
  const now = await until(async () => {
    const status = await edge.status()
    return status.cache.entries === 1 && status.counters.requests === 1 ? status : undefined
  })
  t.match(now, { counters: { results: { miss: 1 } } })

  const first = now.workers[0]!.pid!
  process.kill(first, 'SIGKILL')
  await replacementOf(edge, first)
  t.equal(await fetchText(url), 'from the origin')

  edge.rewrite({ sites: [{ name: 'second', hosts: ['*'], origins }] })
  edge.child.kill('SIGHUP')
  await until(async () => ((await edge.status()).configReloads === 1 ? true : undefined))
  await fetchText(url)
  t.match(await edge.logged('"site":"second"'), { status: 200 })

  edge.child.kill('SIGTERM')
  t.equal((await edge.ended).code, 0)
})
