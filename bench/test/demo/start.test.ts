// The demo as a user starts it. How it runs is in run.test.ts and restart.play.test.ts.
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { prepareCopy } from '../support/demo.js'
import { writeCheckout } from '../support/programs.js'
import { runProgram, withoutCoverage } from '../support/run.js'
import { listenOn } from '../support/servers.js'

t.test('npm start explains itself and its problems in words, with exit code 2', async t => {
  const taken = await listenOn(t, createServer())
  const cases: [words: string[], expected: Record<string, unknown>][] = [
    [['--help'], { code: 0, stdout: /--origin-port N/, stderr: '' }],
    [['--port', 'x'], { code: 2, stderr: 'demo: --port x: expected a port number from 0 to 65535\n' }],
    [['--port', String(taken)], { code: 2, stderr: /^demo: port \d+ on 127\.0\.0\.1 is taken by another/ }],
  ]
  for (const [words, expected] of cases) {
    t.match(await runProgram(t, 'demo/start.js', words).ended, expected, words.join(' '))
  }
})

t.test('npm start stops on Ctrl-C and exits 0', async t => {
  withoutCoverage(t)
  const root = prepareCopy(t.testdir())
  writeCheckout(root)
  const start = join(root, 'dist/bench/demo/start.js')
  const { child, ended, said } = runProgram(t, start, [
    '--port',
    '0',
    '--origin-port',
    '0',
    '--control-port',
    '0',
  ])
  // The edge's log line may come before the guide or after it: nothing is printed after both.
  await Promise.all([said('time (UTC)'), said('edge info: hello')])
  child.kill('SIGINT')
  t.match(await ended, { code: 0, stdout: /\nStopping\.\n$/, stderr: '' })
})

t.test('npm start hands SIGUSR2 on to the edge', async t => {
  withoutCoverage(t)
  const root = prepareCopy(t.testdir())
  // Before it says that it is ready: from then on it may come.
  writeCheckout(root, '', `process.on('SIGUSR2', () => console.log('new workers'))`)
  const ports = ['--port', '0', '--origin-port', '0', '--control-port', '0']
  const { child, ended, said } = runProgram(t, join(root, 'dist/bench/demo/start.js'), ports)
  await said('time (UTC)')
  child.kill('SIGUSR2')
  await said('new workers')
  child.kill('SIGINT')
  t.match(await ended, { code: 0, stderr: '' })
})

t.test('npm start ends with what the edge said when the edge ends', async t => {
  withoutCoverage(t)
  const root = prepareCopy(t.testdir())
  writeCheckout(root, `console.error('out of luck'); setTimeout(() => process.exit(3), 20)`)
  const { ended } = runProgram(t, join(root, 'dist/bench/demo/start.js'), [
    '--port',
    '0',
    '--origin-port',
    '0',
    '--control-port',
    '0',
  ])
  t.match(await ended, { code: 1, stderr: 'demo: the edge ended with code 3:\nout of luck\n' })
})
