import t, { type Test } from 'tap'
import { serveCounted } from '../../host/origin.js'
import { plainBytes } from '../../origin/serve.js'
import { ask } from '../../request.js'
import { listenOn } from '../support/servers.js'

async function start(t: Test) {
  const url = `http://127.0.0.1:${await listenOn(t, serveCounted())}`
  return {
    url,
    asked: async (target: string) => JSON.parse(String((await ask(`${url}/asked${target}`)).body)),
  }
}

t.test('serveCounted() gives the bytes asked for and counts', async t => {
  const { url, asked } = await start(t)
  t.strictSame(await asked('/object/5000/0/a'), { begun: 0, ended: 0 })
  const answer = await ask(`${url}/object/5000/0/a`)
  t.match(answer, {
    status: 200,
    fields: { 'content-length': '5000', 'cache-control': 'public, max-age=86400' },
  })
  t.ok(answer.body.equals(plainBytes(5_000)))
  await ask(`${url}/object/5000/0/a`)
  t.strictSame(await asked('/object/5000/0/a'), { begun: 2, ended: 2 })
  t.strictSame(await asked('/object/5000/0/b'), { begun: 0, ended: 0 })
})

t.test('serveCounted() sends slowly when told, and is not done meanwhile', async t => {
  const { url, asked } = await start(t)
  const beganMs = performance.now()
  const whole = ask(`${url}/object/5000/20000/slow`)
  const answer = await whole
  t.ok(answer.body.equals(plainBytes(5_000)))
  t.ok(performance.now() - beganMs >= 200, 'no faster than that')
  t.strictSame(await asked('/object/5000/20000/slow'), { begun: 1, ended: 1 })
  const controller = new AbortController()
  const response = await fetch(`${url}/object/5000/1/slower`, { signal: controller.signal })
  t.equal(response.status, 200)
  t.strictSame(await asked('/object/5000/1/slower'), { begun: 1, ended: 0 })
  controller.abort()
})

t.test('serveCounted() knows nothing else', async t => {
  const { url } = await start(t)
  for (const target of ['/', '/object/1/0', '/object/x/0/a', `/object/${2 ** 40}/0/a`]) {
    t.equal((await ask(url + target)).status, 404, target)
  }
})
