// The tour of the README, as somebody types it: every line of it works.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { stage } from './support/stage.js'

const run = promisify(execFile)

t.test('the tour of the README', async t => {
  const s = await stage(t)
  const directory = t.testdir()
  mkdirSync(`${directory}/var`)
  symlinkSync(s.directory, `${directory}/var/control`)
  const readme = readFileSync(new URL('../../../control/README.md', import.meta.url), 'utf8')
  const [, tour] = /## A tour\n\n```sh\n([\s\S]*?)```/.exec(readme)!
  const lines = tour!
    .replaceAll('http://127.0.0.1:8090', s.url)
    .replaceAll('curl ', 'curl -fsS ')
    .trim()
    .split('\n')
  const script = ['set -euo pipefail', ...lines.flatMap(line => [line, 'echo'])].join('\n')
  const { stdout } = await run('bash', ['-c', script], { cwd: directory })
  const answers = stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
  t.equal(answers.length, lines.filter(line => line.startsWith('curl')).length)
  t.match(answers[0], { name: 'shop', activeVersion: null })
  t.match(answers[2], { activeVersion: 1, revision: 1 })
  t.match(answers.at(-1).items[0], { outcome: 'done' })
})
