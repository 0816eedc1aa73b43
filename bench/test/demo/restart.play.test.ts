// The demo with the real edge: miss, hit, 304, stop, start again, and the first request is a hit.
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { runDemo } from '../../demo/run.js'
import { Processes } from '../../processes.js'
import { type Answer, ask, saysHit } from '../../request.js'
import { prepareRoot, writeRealEdge } from '../support/demo.js'

/** Resolves with the edge's URL and a function that stops the demo. */
function start(t: Test, port: number): Promise<{ url: string; stop: () => Promise<void> }> {
  const controller = new AbortController()
  t.teardown(() => controller.abort())
  // Also when this test runs out of time.
  const processes = new Processes()
  process.once('exit', () => processes.killAll())
  return new Promise((resolve, reject) => {
    const print = (text: string) => {
      const url = /through the edge +(http:\S+)\//.exec(text)?.[1]
      if (url !== undefined) resolve({ url, stop })
    }
    const options = { root: t.testdirName, port, originPort: 0, controlPort: 0, processes, print }
    const ended = runDemo({ ...options, stop: controller.signal })
    ended.catch(reject)
    const stop = () => {
      controller.abort()
      return ended
    }
  })
}

/** A worker may learn a moment later what another has stored; for longer than this it is not asked. */
const HIT_TIMEOUT_MS = 60_000
const ASK_INTERVAL_MS = 20

async function askUntilHit(url: string): Promise<Answer> {
  const deadline = performance.now() + HIT_TIMEOUT_MS
  for (;;) {
    const answer = await ask(url)
    if (saysHit(answer) || performance.now() > deadline) return answer
    await setTimeoutPromise(ASK_INTERVAL_MS)
  }
}

t.test('what is cached survives a restart of the demo', async t => {
  writeRealEdge(prepareRoot(t.testdir()))
  const first = await start(t, 0)
  const page = `${first.url}/how-it-works`
  const miss = await ask(page)
  t.match(miss, { status: 200, fields: { 'cache-status': /fwd=uri-miss.*stored/ } })
  const hit = await askUntilHit(page)
  t.match(hit.fields, { 'cache-status': /; hit/, age: /^\d+$/ })
  t.ok(hit.body.equals(miss.body))
  t.match((await ask(`${first.url}/api/time`)).fields, { 'cache-control': 'public, max-age=5' })
  t.match((await ask(`${first.url}/private`)).fields, { 'cache-status': /detail=private/ })
  await first.stop()
  const second = await start(t, Number(new URL(first.url).port))
  t.match((await ask(page)).fields, { 'cache-status': /; hit/, age: /^\d+$/ })
  await second.stop()
})
