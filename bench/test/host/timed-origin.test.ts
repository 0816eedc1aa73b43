import t from 'tap'
import { startTimedOrigin } from '../../host/timed-origin.js'
import { ask } from '../../request.js'

t.test('a timed origin answers late, counts, and leaves', async t => {
  const origin = await startTimedOrigin('max-age=1', 50)
  const beganMs = performance.now()
  const answer = await ask(`${origin.url}/x`)
  t.ok(performance.now() - beganMs >= 45)
  t.equal(answer.fields['cache-control'], 'max-age=1')
  t.equal(answer.body.length, 1_024)
  t.equal(origin.asked(), 1)
  await origin.leave()
  await t.rejects(ask(origin.url), { code: 'ECONNREFUSED' })
})
