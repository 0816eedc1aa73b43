// What CI says of our dependencies: .ci/licences.mjs, as a program over a package directory.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../root.js'

function licencesOf(directory: string) {
  const words = [join(packageRoot(), '.ci/licences.mjs'), directory]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return { status, stdout, faults: stderr.split('\n').filter(line => line !== '') }
}

interface Package {
  version?: string
  license?: string
  integrity?: string
  [name: string]: unknown
}

const integrity = 'sha512-AAAA'
const sound: Package = { version: '1.0.0', license: 'MIT', integrity }

/** A package directory with these in its lock file; nothing is installed but what `installed` says. */
function fixture(
  t: Test,
  packages: Record<string, Package>,
  { manifest = {}, installed = {} }: { manifest?: object; installed?: Record<string, object> } = {},
): string {
  const locked = Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry])
  const files = Object.entries(installed).map(([name, text]) => [
    name,
    { 'package.json': JSON.stringify(text) },
  ])
  return t.testdir({
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify({ packages: { '': {}, ...Object.fromEntries(locked) } }),
    node_modules: Object.fromEntries(files),
  })
}

t.test('what this package depends on passes, with one line', async t => {
  const { status, stdout, faults } = licencesOf(packageRoot())
  t.strictSame(faults, [])
  t.equal(status, 0)
  t.match(stdout, /^licences: \d{3} packages, all of an allowed licence, pinned and with a checksum\n$/)
})

t.test('each fault is a line, and the exit code 1', async t => {
  const directory = fixture(
    t,
    {
      sound,
      copyleft: { ...sound, license: 'GPL-3.0-only' },
      silent: { version: '1.0.0', integrity },
      unsure: { version: '1.0.0' },
      elsewhere: { ...sound, resolved: 'git+ssh://git@github.com/a/b.git#1' },
      linked: { link: true, resolved: '../linked' },
    },
    { manifest: { dependencies: { a: '^1.0.0' }, devDependencies: { b: 'github:a/b', c: '1.2.3' } } },
  )
  const { status, stdout, faults } = licencesOf(directory)
  t.strictSame(faults, [
    'licences: package.json: a is ^1.0.0, expected an exact version',
    'licences: package.json: b is github:a/b, expected an exact version',
    'licences: copyleft 1.0.0: licence GPL-3.0-only is not allowed',
    'licences: silent 1.0.0: says no licence',
    'licences: unsure 1.0.0: no sha512 in package-lock.json',
    'licences: unsure 1.0.0: says no licence',
    'licences: elsewhere 1.0.0: comes from git+ssh://git@github.com/a/b.git#1',
    'licences: linked: a link to ../linked',
  ])
  t.equal(status, 1)
  t.equal(stdout, '')
})

t.test(
  'expressions: one alternative, all that comes together; what is not understood is refused',
  async t => {
    const cases: [licence: string, isAllowed: boolean][] = [
      ['(WTFPL OR MIT)', true],
      ['(GPL-2.0-only OR WTFPL)', false],
      ['MIT AND GPL-2.0-only', false],
      ['GPL-2.0-only AND MIT OR ISC', true],
      ['GPL-2.0-only AND (MIT OR ISC)', false],
      ['MIT AND (Apache-2.0 OR WTFPL)', true],
      ['Apache-2.0 WITH LLVM-exception', false],
      ['SEE LICENSE IN file', false],
      ['(MIT', false],
      ['', false],
    ]
    for (const [license, isAllowed] of cases) {
      const { status } = licencesOf(fixture(t, { a: { ...sound, license } }))
      t.equal(status === 0, isAllowed, license)
    }
  },
)

t.test('what an exception allows it allows to the named packages alone', async t => {
  const licensed = { ...sound, license: 'LGPL-3.0-or-later' }
  t.equal(licencesOf(fixture(t, { '@img/sharp-libvips-linux-x64': licensed })).status, 0)
  t.equal(licencesOf(fixture(t, { 'sharp-libvips-linux-x64': licensed })).status, 1)
})

t.test('the installed package is believed before the lock file; stand-ins have to be there', async t => {
  const faultsOf = (...given: Parameters<typeof fixture>) => licencesOf(fixture(...given)).faults
  t.strictSame(faultsOf(t, { a: sound }, { installed: { a: { license: 'UNLICENSED' } } }), [
    'licences: a 1.0.0: licence UNLICENSED is not allowed',
  ])
  t.strictSame(
    faultsOf(
      t,
      { a: { version: '1.0.0', integrity } },
      { installed: { a: { licenses: [{ type: 'MIT' }] } } },
    ),
    [],
  )
  t.strictSame(faultsOf(t, {}, { manifest: { overrides: { a: { b: 'file:native/absent/b' } } } }), [
    'licences: package.json: overrides of b: file:native/absent/b, expected an exact version',
  ])
})
