import { mkdirSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Watch } from '../../keep/watch.js'
import { until } from '../support/play.js'

const pauseMs = 20

function watchOf(t: Test, directory: string) {
  const noted = { changes: 0, troubles: [] as unknown[] }
  const watch = new Watch({
    directory,
    pauseMs: () => pauseMs,
    onChange: () => {
      noted.changes += 1
    },
    onTrouble: error => void noted.troubles.push(error),
  })
  t.teardown(() => watch.close())
  return { watch, noted }
}

t.test('Watch tells of changes, many at once as one, and of those that come later', async t => {
  const directory = t.testdir()
  const { noted } = watchOf(t, directory)
  const begunMs = performance.now()
  for (let number = 0; number < 200; number += 1) writeFileSync(`${directory}/${number}`, 'x')
  await until(() => noted.changes > 0)
  const paused = (performance.now() - begunMs) / pauseMs
  t.ok(noted.changes <= paused + 1, `${noted.changes} in ${paused} pauses`)
  const before = noted.changes
  writeFileSync(`${directory}/0`, 'changed')
  await until(() => noted.changes > before)
  t.strictSame(noted.troubles, [])
})

t.test('Watch tries again when there is nothing to watch, and tells what came meanwhile', async t => {
  const directory = `${t.testdir()}/later`
  const { noted } = watchOf(t, directory)
  await until(() => noted.troubles.length > 1)
  t.match(noted.troubles[0], { code: 'ENOENT' })
  mkdirSync(directory)
  const before = noted.changes
  await until(() => noted.changes > before)
})

t.test('Watch is silent once it is closed', async t => {
  const directory = t.testdir()
  const { watch, noted } = watchOf(t, directory)
  writeFileSync(`${directory}/0`, 'x')
  watch.close()
  const after = watchOf(t, directory)
  writeFileSync(`${directory}/1`, 'x')
  await until(() => after.noted.changes > 0)
  t.equal(noted.changes, 0)
})
