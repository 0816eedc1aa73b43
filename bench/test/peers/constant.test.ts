import t from 'tap'
import { startOrigin } from '../../origin/start.js'
import { constantKind } from '../../peers/constant.js'
import { Processes } from '../../processes.js'
import { ask, saysHit } from '../../request.js'
import { hit } from '../../scenarios/hit.js'

t.test('constant gives the bytes of the origin for what `hit` asks', async t => {
  const processes = new Processes()
  t.teardown(() => processes.stopAll())
  const origin = await startOrigin(processes, undefined)
  const context = { name: 'c', directory: '/nowhere', originUrl: origin.url, processes, core: undefined }
  const peer = constantKind.create(context)
  await peer.start()
  for (const { target, bodyBytes } of hit.cases) {
    const answer = await ask(`${peer.url}${target}`)
    t.ok(saysHit(answer))
    t.equal(answer.body.length, bodyBytes)
    t.ok(answer.body.equals((await ask(`${origin.url}${target}`)).body))
  }
  t.equal(constantKind.problem(), undefined)
  t.equal(constantKind.cannot!({ name: 'hit' }), undefined)
  t.match(constantKind.cannot!({ name: 'miss' }), /only knows/)
  t.match(constantKind.version(), /^\d/)
})
