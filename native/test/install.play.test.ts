// The install step, in a copy of this room: what it builds, and what it says when it cannot.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { load, packageRoot } from '../addon.js'
import { needsAddon } from './support/addon.js'

const room = join(packageRoot(), 'native/')

function copy(t: Test): string {
  const directory = t.testdir()
  for (const name of ['binding.gyp', 'build.mjs', 'install.mjs', 'source']) {
    cpSync(`${room}${name}`, `${directory}/${name}`, { recursive: true })
  }
  return directory
}

function install(directory: string, settings: Record<string, string>): SpawnSyncReturns<string> {
  const env = { ...process.env, NAIJ_NATIVE: '', ...settings }
  return spawnSync(process.execPath, [`${directory}/install.mjs`], { encoding: 'utf8', env })
}

t.test('install builds an addon that can be loaded', needsAddon, async t => {
  const directory = copy(t)
  t.match(install(directory, {}), { status: 0, stderr: '' })
  t.ok(load(`${directory}/build/Release/naij.node`).addon)
})

t.test('install without a compiler says so, and fails only where the addon is required', async t => {
  const directory = copy(t)
  const without = install(directory, { CXX: 'false' })
  t.equal(without.status, 0)
  t.match(without.stderr, /native: the addon was not built, the edge will run with one worker/)
  t.equal(install(directory, { CXX: 'false', NAIJ_NATIVE: 'required' }).status, 1)
})

t.test('install does nothing when no addon is wanted', async t => {
  const directory = copy(t)
  t.match(install(directory, { NAIJ_NATIVE: 'none' }), { status: 0, stdout: '', stderr: '' })
  t.match(load(`${directory}/build/Release/naij.node`), { addon: undefined, why: /was not built$/ })
})
