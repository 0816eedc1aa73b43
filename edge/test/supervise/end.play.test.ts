// How a running edge ends, and how one does not begin, as processes with real workers that serve a small answer.
import t from 'tap'
import { countedRequests, fetchText, gone, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

t.test('naij-edge says ready first and once, answers, and drains on SIGTERM with exit 0', async t => {
  const edge = startEdge(t)
  const url = await edge.url()
  t.match(
    await edge.ready(),
    new RegExp(`^naij-edge ready http://127\\.0\\.0\\.1:\\d+ workers=2 pid=${edge.child.pid}$`),
  )
  t.equal((await edge.admin('/readyz')).status, 200)
  t.match((await edge.admin('/metrics')).body, /^naij_workers_ready 2$/m)
  const answer = fetchText(`${url}/slow`)
  await countedRequests(edge, 1)
  edge.child.kill('SIGTERM')
  t.equal(await answer, 'slow but whole')
  const { code, stdout } = await edge.ended
  t.equal(code, 0)
  t.match(stdout[0], /^naij-edge ready/, 'nothing before it')
  t.equal(stdout.filter(line => line.startsWith('naij-edge')).length, 1)
  for (const line of stdout.slice(1)) t.doesNotThrow(() => JSON.parse(line))
})

t.test('naij-edge kills what is not finished after drainTimeoutMs, and exits 0', async t => {
  const edge = startEdge(t, { workers: 1, drainTimeoutMs: 200 })
  const hung = fetchText(`${await edge.url()}/never`).catch(() => 'broken')
  await countedRequests(edge, 1)
  edge.child.kill('SIGINT')
  t.equal(await hung, 'broken')
  t.equal((await edge.ended).code, 0)
})

t.test('naij-edge stops at once at the second signal', async t => {
  const edge = startEdge(t, { workers: 1 })
  const hung = fetchText(`${await edge.url()}/never`).catch(() => 'broken')
  await countedRequests(edge, 1)
  edge.child.kill('SIGTERM')
  await until(async () => ((await edge.admin('/readyz')).status === 503 ? true : undefined))
  edge.child.kill('SIGTERM')
  t.equal(await hung, 'broken')
  t.equal((await edge.ended).code, 0)
})

t.test('workers finish and leave by themselves when the supervisor is killed', async t => {
  const edge = startEdge(t)
  const url = await edge.url()
  const pids = (await edge.status()).workers.map(({ pid }) => pid!)
  const answer = fetchText(`${url}/slow`)
  await countedRequests(edge, 1)
  edge.child.kill('SIGKILL')
  t.equal(await answer, 'slow but whole')
  for (const pid of pids) await gone(pid)
  t.equal(pids.length, 2)
})

t.test('naij-edge exits 2 and says why when a worker cannot start', async t => {
  const sites = [{ name: 'cannot-start', hosts: ['*'], origins: ['http://127.0.0.1:9'] }]
  const { code, stdout, stderr } = await startEdge(t, { sites }).ended
  t.equal(code, 2)
  t.match(stderr, /^naij-edge: worker \d could not start: the store is not to be had\n$/)
  t.notOk(stdout.some(line => line.startsWith('naij-edge ready')))
})
