// The program itself: that its words, streams and exit codes reach the process. What it does: supervise/command.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { type Settings, settingsUnder } from './support/supervise-config.js'
import { runProgram } from './support/supervise-play.js'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

function fileOf(t: Test, settings: Settings = {}): string {
  const directory = t.testdir()
  const file = `${directory}/edge.json`
  writeFileSync(file, JSON.stringify(settingsUnder(directory, settings)))
  return file
}

t.test('naij-edge --check exits 0 or 1', async t => {
  const file = fileOf(t)
  t.match(await runProgram(t, ['--config', file, '--check'], main).ended, {
    code: 0,
    stdout: [`${file}: ok`],
  })
  writeFileSync(file, '{ "listen": [], }')
  const { code, stdout, stderr } = await runProgram(t, ['--config', file, '--check'], main).ended
  t.equal(code, 1)
  t.strictSame(stdout, [])
  t.match(stderr, /\S/)
})

t.test('naij-edge exits 2 when it cannot open its state', async t => {
  const file = fileOf(t, { cache: { directory: '/dev/null/cache' } })
  const { code, stdout, stderr } = await runProgram(t, ['--config', file], main).ended
  t.equal(code, 2)
  t.strictSame(stdout, [])
  t.match(stderr, /^naij-edge: cache\.directory: the directory \/dev\/null\/cache cannot be written/)
})
