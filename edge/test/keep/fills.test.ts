import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { keepFills } from '../../keep/fills.js'
import { fillSlots } from '../../shared/join.js'
import { groundOf, hashOf, leadOf, needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { until } from '../support/play.js'

t.test('keepFills() frees what workers led who died with everybody else', needsAddon, async t => {
  const runDirectory = runDirectoryOf(t)
  const troubles: Error[] = []
  const onTrouble = (error: Error) => void troubles.push(error)
  // On the ground, but in no mesh: as after a death that nobody saw.
  const dead = groundOf(t, runDirectory, { slots: fillSlots })
  for (const name of [1, 2, 3]) leadOf(dead.fills.claim(hashOf(name, name), 0))
  const log = join(runDirectory, `fill-${dead.group}-${dead.owner}-1-1`)
  writeFileSync(log, '')
  const keeping = await keepFills({ runDirectory, onTrouble })
  t.match(keeping.view(), { slots: { asking: 3, free: fillSlots - 3 }, counts: { fillsLed: 3 } })
  await until(() => keeping.view().slots.free === fillSlots)
  t.match(keeping.view(), { slots: { asking: 0, orphaned: 0 }, counts: { fillsLed: 3 } }, 'the counts stay')
  await keeping.leave()
  t.strictSame(troubles, [])
})

t.test('keepFills() rejects where there is no ground to stand on', needsAddon, async t => {
  const runDirectory = `${runDirectoryOf(t)}/none`
  await t.rejects(keepFills({ runDirectory, onTrouble: () => {} }), { code: 'ground' })
})
