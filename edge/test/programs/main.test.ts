// The program itself: that its words, streams and exit codes reach the process. What it does: supervise/command.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { type Settings, settingsUnder } from '../support/supervise-config.js'
import { ask, runProgram } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const main = fileURLToPath(new URL('../../main.js', import.meta.url))

function fileOf(t: Test, settings: Settings = {}): string {
  const directory = t.testdir()
  const file = `${directory}/edge.json`
  writeFileSync(file, JSON.stringify(settingsUnder(directory, settings)))
  return file
}

t.test('naij-edge --check exits 0 or 1', async t => {
  const file = fileOf(t)
  t.match(await runProgram(t, ['--config', file, '--check'], main, process.env).ended, {
    code: 0,
    stdout: [`${file}: ok`],
  })
  writeFileSync(file, '{ "listen": [], }')
  const { code, stdout, stderr } = await runProgram(t, ['--config', file, '--check'], main, process.env).ended
  t.equal(code, 1)
  t.strictSame(stdout, [])
  t.match(stderr, /\S/)
})

t.test('naij-edge exits 2 when it cannot open its state', async t => {
  const file = fileOf(t, { cache: { directory: '/dev/null/cache' } })
  const { code, stdout, stderr } = await runProgram(t, ['--config', file], main, process.env).ended
  t.equal(code, 2)
  t.strictSame(stdout, [])
  t.match(stderr, /^naij-edge: cache\.directory: the directory \/dev\/null\/cache cannot be written/)
})

t.test('naij-edge serves though its output goes nowhere', async t => {
  const socket = `/tmp/naij-full-${process.pid}.sock`
  const file = fileOf(t, { admin: { socket } })
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [main, '--config', file], {
    stdio: ['ignore', full, full],
  })
  const ended = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const { status } = await ask(socket, '/readyz').catch(() => ({ status: 0 }))
    return status === 200 ? true : undefined
  })
  child.kill('SIGTERM')
  t.strictSame(await ended, [0, null])
})
