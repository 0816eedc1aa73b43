import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { findProgram, installMissing, requireProgram } from '../tools.js'
import { pathWith, writeProgram } from './support/programs.js'

const GHOST = { program: 'no-such-program-here', debianPackage: 'ghost' }

function withPath(t: Test, path: string): void {
  const before = process.env.PATH
  process.env.PATH = path
  t.teardown(() => {
    process.env.PATH = before
  })
}

t.test('findProgram() looks through PATH and the directories of servers', async t => {
  const directory = t.testdir({ plain: 'not executable' })
  const file = writeProgram(directory, 'tool', '/bin/sh', '')
  t.equal(findProgram('tool', `/nowhere::${directory}`), file)
  t.equal(findProgram('plain', directory), undefined)
  t.equal(findProgram(GHOST.program), undefined)
})

t.test('requireProgram() names the program, the flag and the package', async t => {
  t.throws(() => requireProgram(GHOST), {
    message: /^no-such-program-here is not installed\. .*--install .*apt-get install ghost/,
    exitCode: 2,
  })
  t.ok(requireProgram({ program: 'sh', debianPackage: 'dash' }).endsWith('/sh'))
})

t.test('installMissing() brings the lists up to date and installs only what is missing', async t => {
  const directory = t.testdir()
  const log = join(directory, 'log')
  writeProgram(directory, 'apt-get', '/bin/sh', `echo "$DEBIAN_FRONTEND $*" >> ${log}\n`)
  withPath(t, pathWith(directory))
  installMissing([{ program: 'sh', debianPackage: 'dash' }])
  t.notOk(existsSync(log))
  installMissing([GHOST, { program: 'sh', debianPackage: 'dash' }])
  t.strictSame(readFileSync(log, 'utf8').trim().split('\n'), [
    'noninteractive update',
    'noninteractive install --yes --no-install-recommends ghost',
  ])
})

t.test('installMissing() says when apt-get fails or is not there', async t => {
  const directory = t.testdir()
  writeProgram(directory, 'apt-get', '/bin/sh', 'exit 100\n')
  withPath(t, directory)
  t.throws(() => installMissing([GHOST]), { message: /apt-get update failed with code 100: it needs root/ })
  process.env.PATH = '/nowhere'
  t.throws(() => installMissing([GHOST]), { message: /cannot run apt-get: .*ENOENT/ })
})
