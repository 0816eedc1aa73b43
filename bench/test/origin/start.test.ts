import t from 'tap'
import { startOrigin } from '../../origin/start.js'
import { Processes } from '../../processes.js'
import { ask } from '../../request.js'

t.test('startOrigin() gives the URL of a process that answers and ends when asked', async t => {
  const processes = new Processes()
  t.teardown(() => processes.stopAll())
  const { url, running } = await startOrigin(processes, undefined)
  t.equal((await ask(`${url}/hit/10`)).body.length, 10)
  await processes.stopAll()
  t.strictSame(await running.exited, { code: 0, signal: null })
})
