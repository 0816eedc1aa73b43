// The demo as a user starts it. How it runs is in run.test.ts and restart.play.test.ts.
import { createServer } from 'node:net'
import t from 'tap'
import { runProgram } from '../support/run.js'
import { listenOn } from '../support/servers.js'

t.test('npm start explains itself and its problems in words, with exit code 2', async t => {
  const taken = await listenOn(t, createServer())
  const cases: [words: string[], expected: Record<string, unknown>][] = [
    [['--help'], { code: 0, stdout: /--origin-port N/, stderr: '' }],
    [['--port', 'x'], { code: 2, stderr: 'demo: --port x: expected a port number from 0 to 65535\n' }],
    [['--port', String(taken)], { code: 2, stderr: /^demo: port \d+ on 127\.0\.0\.1 is taken by another/ }],
  ]
  for (const [words, expected] of cases) {
    t.match(await runProgram(t, 'demo/start.ts', words).ended, expected, words.join(' '))
  }
})
