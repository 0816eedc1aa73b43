// The program itself; what it does: keep/, and its life under a supervisor: supervise/keeper.play.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runProgram } from '../support/supervise-play.js'

t.test('a keeper without a supervisor says so and exits 1', async t => {
  const keeper = fileURLToPath(new URL('../../keeper.js', import.meta.url))
  const { code, stderr } = await runProgram(t, [], keeper).ended
  t.equal(code, 1)
  t.match(stderr, /a keeper is started by its supervisor/)
})
