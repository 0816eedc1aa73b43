import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { engineAddonFile, loadEngineAddon } from '../engine-addon.js'

const skip = loadEngineAddon() === undefined ? 'no addon for the engine' : false

t.test('loadEngineAddon() finds what was built, once for all who ask', { skip }, async t => {
  const addon = loadEngineAddon()!
  t.equal(loadEngineAddon(engineAddonFile)!.answer, addon.answer)
  for (const name of ['scanInto', 'scan', 'lines', 'send', 'answersInto', 'answer', 'keepLines'] as const)
    t.type(addon[name], 'function', name)
})

t.test('loadEngineAddon() is undefined where nothing fits', async t => {
  const directory = t.testdir({ 'broken.node': 'no library' })
  t.equal(loadEngineAddon(join(directory, 'absent.node')), undefined)
  t.equal(loadEngineAddon(join(directory, 'broken.node')), undefined)
  writeFileSync(join(directory, 'old.cjs'), 'module.exports = { interfaceVersion: 0 }')
  t.equal(loadEngineAddon(join(directory, 'old.cjs')), undefined, 'built from other sources')
  writeFileSync(join(directory, 'wrong.cjs'), 'throw new Error("oh")')
  t.throws(() => loadEngineAddon(join(directory, 'wrong.cjs')), { message: 'oh' })
})
