import t from 'tap'
import type { Setting } from '../leaf.js'
import { edgeSettings, workerCount } from '../settings.js'

t.test('workerCount() is one per core unless the config says', async t => {
  const cases: ['auto' | number, number, number][] = [
    ['auto', 2, 2],
    ['auto', 0, 1],
    ['auto', 1000, 256],
    [3, 2, 3],
  ]
  for (const [workers, cores, count] of cases) t.equal(workerCount({ workers }, cores), count)
})

t.test('edgeSettings says why of everything, and no default is outside its range', async t => {
  for (const [path, setting] of leaves(edgeSettings, '')) {
    t.ok(setting.why?.endsWith('.'), `${path} says why`)
    if (typeof setting.default !== 'number') continue
    t.ok(
      setting.default >= setting.minimum! && setting.default <= setting.maximum!,
      `${path} default in range`,
    )
  }
})

t.test('edgeSettings has the unit last in each name', async t => {
  for (const [path, { unit }] of leaves(edgeSettings, '')) {
    if (unit === 'milliseconds') t.match(path, /Ms$/)
    if (unit === 'bytes') t.match(path, /Bytes(Max|Min)?$|\.bytesM(ax|in)$/)
  }
})

function leaves(setting: Setting, path: string): [string, Setting][] {
  if (setting.items) return leaves(setting.items, `${path}[]`)
  if (!setting.properties) return [[path, setting]]
  return Object.entries(setting.properties).flatMap(([key, member]) => leaves(member, `${path}.${key}`))
}
