// Prints how long a wake-up takes; how long it may take is not a test's to say.
import t from 'tap'
import { measureWakeUps } from '../../shared/latency.js'
import { runDirectoryOf } from './support/ground.js'
import { group, memberOf } from './support/member.js'
import { messageOf, programFile, startProgram } from './support/processes.js'

t.test('measureWakeUps() of another process', async t => {
  const directory = runDirectoryOf(t)
  const a = await memberOf(t, directory, 1)
  const child = startProgram(t, programFile('mesh-child'), [directory, group, 2])
  await messageOf(child)
  const found = await measureWakeUps(a.mesh, 2, 500)
  t.comment(found)
  t.ok(found !== undefined && found.rounds === 500)
  t.ok(found !== undefined && found.medianUs <= found.p99Us && found.p99Us <= found.maxUs)
})

t.test('measureWakeUps() of nobody is undefined', async t => {
  const a = await memberOf(t, runDirectoryOf(t), 1)
  t.equal(await measureWakeUps(a.mesh, 2, 10), undefined)
})
