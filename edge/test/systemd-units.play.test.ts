// The units and the installer: what systemd says of them, and what they do to a tree of their own. On a machine that runs
// (in a container with systemd) they are tried by `.ci/try-systemd`.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { root } from './support/root.js'

const units = ['naijcloud-edge@.service', 'naijcloud-control.service', 'naijcloud.slice']
/** What systemd-analyze may say at most of how exposed each is. */
const exposures = [
  ['naijcloud-edge@.service', 1.7],
  ['naijcloud-control.service', 1.3],
] as const

/** A release is not among what is covered. */
const env = { ...process.env, NODE_V8_COVERAGE: '' }

function run(command: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', cwd: root, env })
  return { status, stdout, stderr }
}

const analyze = run('systemd-analyze', '--version').status === 0
const skip = analyze ? false : 'systemd-analyze is not there'

/** What the installer takes for a release, without all that it only copies. */
function smallRelease(directory: string): string {
  cpSync(join(root, 'systemd'), join(directory, 'systemd'), { recursive: true })
  mkdirSync(join(directory, 'dist/control'), { recursive: true })
  mkdirSync(join(directory, 'dist/edge'), { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{ "version": "1.2.3" }')
  writeFileSync(join(directory, 'NOTICE'), 'as released')
  writeFileSync(join(directory, 'dist/edge/main.js'), '')
  writeFileSync(join(directory, 'dist/control/cli.js'), "console.log('# completion of ' + process.argv[3])")
  const command = 'find . -type f ! -name SHA256SUMS -printf "%P\\n" | sort | xargs sha256sum > SHA256SUMS'
  spawnSync('sh', ['-c', command], { cwd: directory })
  return directory
}

const small = smallRelease(t.testdir())

/** Installed into a tree, by words of the installer. */
function install(tree: string, ...words: string[]) {
  return run(join(small, 'systemd/install.sh'), '--root', tree, ...words)
}

t.test('a release is whole, runs by itself, and has nothing that only development needs', async t => {
  const out = t.testdir()
  const made = run(process.execPath, '.ci/release.mjs', '--out', out)
  t.equal(made.status, 0, made.stderr)
  const release = readdirSync(out).find(name => !name.includes('.tar'))!
  const directory = join(out, release)
  t.match(release, new RegExp(`^naijcloud-edge-0\\.1\\.0-linux-${process.arch}-node\\d+$`))
  t.match(
    run('sha256sum', '-c', '--quiet', join(directory, 'SHA256SUMS')).status,
    1,
    'from elsewhere it fails',
  )
  const sums = spawnSync('sha256sum', ['-c', '--quiet', '--strict', 'SHA256SUMS'], { cwd: directory })
  t.equal(sums.status, 0)
  for (const main of ['edge/main', 'control/cli'])
    t.equal(run(process.execPath, join(directory, `dist/${main}.js`), '--version').stdout, '0.1.0\n')
  const config = join(directory, 'systemd/etc/edge.json')
  t.equal(
    run(process.execPath, join(directory, 'dist/edge/main.js'), '--config', config, '--check').status,
    0,
  )
  for (const absent of ['tap', 'typescript', '@biomejs'])
    t.notOk(existsSync(join(directory, 'node_modules', absent)), absent)
  const parts = JSON.parse(readFileSync(join(directory, 'sbom.cdx.json'), 'utf8'))
  t.ok(parts.components.some(({ name }: { name: string }) => name === 'lmdb'))
  const sum = readFileSync(join(out, `${release}.tar.gz.sha256`), 'utf8')
  t.equal(run('sha256sum', join(out, `${release}.tar.gz`)).stdout.slice(0, 64), sum.slice(0, 64))
})

t.test('install.sh installs into a tree, again without a change, and beside it the next version', async t => {
  const directory = t.testdir()
  const tree = join(directory, 'tree')
  const first = install(tree)
  t.equal(first.status, 0, first.stderr)
  t.match(
    first.stdout,
    /wrote .*naijcloud-edge@\.service.*Next:\n.*edge\.json.*enable --now naijcloud-edge@a/s,
  )
  const slots = join(tree, 'opt/naijcloud/slots')
  t.ok(lstatSync(join(slots, 'a')).isSymbolicLink())
  t.ok(existsSync(join(slots, 'a/dist/edge/main.js')))
  const completion = readFileSync(join(tree, 'usr/share/bash-completion/completions/naijctl'), 'utf8')
  t.equal(completion, '# completion of bash\n')
  const edge = readFileSync(join(tree, 'usr/local/bin/naij-edge'), 'utf8')
  t.match(
    edge,
    /^#!\/bin\/sh\nexec \S+node\S* \/opt\/naijcloud\/slots\/control\/dist\/edge\/main\.js "\$@"\n$/,
  )

  const own = '{ "mine": true }'
  writeFileSync(join(tree, 'etc/naijcloud/edge.json'), own)
  const second = install(tree)
  t.notMatch(second.stdout, /wrote|linked|copied/, 'nothing to do')
  t.equal(readFileSync(join(tree, 'etc/naijcloud/edge.json'), 'utf8'), own, 'what an admin wrote is kept')

  const before = readlinkSync(join(slots, 'b'))
  const next = join(directory, 'next')
  run('cp', '-a', small, next)
  writeFileSync(join(next, 'NOTICE'), 'another one')
  t.match(run(join(next, 'systemd/install.sh'), '--root', tree), {
    status: 1,
    stderr: /files are not what the release had/,
  })
  const sums = readFileSync(join(next, 'SHA256SUMS'), 'utf8').replace(/.*NOTICE\n/, '')
  writeFileSync(join(next, 'SHA256SUMS'), sums)
  t.equal(run(join(next, 'systemd/install.sh'), '--root', tree, '--slot', 'b').status, 0)
  t.not(readlinkSync(join(slots, 'b')), before)
  t.equal(readlinkSync(join(slots, 'a')), before, 'the other slot stays')
})

t.test('install.sh --uninstall keeps what took long to make, --purge does not', async t => {
  const tree = t.testdir()
  t.equal(install(tree, '--prefix', '/srv/naij').status, 0)
  const unit = readFileSync(join(tree, 'etc/systemd/system/naijcloud-edge@.service'), 'utf8')
  t.match(unit, /ExecStart=\S+ \/srv\/naij\/slots\/%i\/dist\/edge\/main\.js /)
  mkdirSync(join(tree, 'var/cache/naijcloud-edge'), { recursive: true })
  const dry = install(tree, '--prefix', '/srv/naij', '--uninstall', '--purge', '--dry-run')
  t.match(dry.stdout, /would: rm -f .*naijcloud-edge@\.service/)
  t.ok(existsSync(join(tree, 'etc/systemd/system/naijcloud-edge@.service')), 'it was dry')
  t.equal(install(tree, '--prefix', '/srv/naij', '--uninstall').status, 0)
  t.notOk(existsSync(join(tree, 'srv/naij')))
  t.strictSame(readdirSync(join(tree, 'etc/systemd/system')), [])
  t.ok(existsSync(join(tree, 'etc/naijcloud/edge.json')))
  t.ok(existsSync(join(tree, 'var/cache/naijcloud-edge')))
  t.match(install(tree, '--prefix', '/srv/naij', '--uninstall', '--purge'), {
    status: 0,
    stdout: /removed .*etc\/naijcloud/,
  })
  t.notOk(existsSync(join(tree, 'var/cache/naijcloud-edge')))
  t.notOk(existsSync(join(tree, 'etc/naijcloud')))
})

t.test('install.sh --dry-run changes nothing', async t => {
  const tree = t.testdir()
  const { status, stdout } = install(tree, '--dry-run')
  t.equal(status, 0)
  t.match(stdout, /would write .*naijcloud-edge@\.service/)
  t.strictSame(readdirSync(tree), [])
})

t.test('install.sh refuses what it does not understand', async t => {
  const table: [words: string[], says: RegExp][] = [
    [['--prefix', 'opt'], /--prefix opt: expected an absolute path/],
    [['--prefix', '/a b'], /expected an absolute path/],
    [['--slot', 'c'], /--slot c: expected a or b/],
    [['--purge'], /--purge: only with --uninstall/],
    [['--prefx', '/x'], /--prefx: no such option/],
    [['--slot'], /./],
  ]
  for (const [words, says] of table) {
    const { status, stderr } = install(t.testdirName, ...words)
    t.equal(status, 1, words.join(' '))
    t.match(stderr, says)
  }
})

t.test('systemd finds no fault with the units as they are installed', { skip }, async t => {
  const tree = t.testdir()
  install(tree)
  const paths = units.map(unit => join(tree, 'etc/systemd/system', unit))
  t.strictSame(run('systemd-analyze', 'verify', ...paths), { status: 0, stdout: '', stderr: '' })
})

t.test('verify finds faults', { skip }, async t => {
  const file = join(t.testdir(), 'naijcloud-bad.service')
  const text = readFileSync(join(root, 'systemd/naijcloud-control.service'), 'utf8')
  writeFileSync(file, text.replace('WatchdogSec', 'WatchdogSecs'))
  t.match(run('systemd-analyze', 'verify', file).stderr, /WatchdogSecs/)
})

for (const [unit, exposureMax] of exposures) {
  t.test(`${unit} is exposed by at most ${exposureMax}, as README.md says`, { skip }, async t => {
    checkExposure(t, unit, exposureMax)
  })
}

function checkExposure(t: Test, unit: string, exposureMax: number): void {
  const { stdout } = run('systemd-analyze', 'security', '--offline=yes', join(root, 'systemd', unit))
  const exposure = /Overall exposure level for \S+: (\d+\.\d)/.exec(stdout)?.[1]
  t.ok(Number(exposure) <= exposureMax, stdout.slice(-200))
  const readme = readFileSync(join(root, 'systemd/README.md'), 'utf8')
  t.ok(
    readme.includes(`Overall exposure level for ${unit.replace('@', '@i')}: ${exposure}`),
    `${exposure} in README.md`,
  )
}

t.test('the kernel settings are as sysctl reads them', async t => {
  const text = readFileSync(join(root, 'systemd/sysctl.d/60-naijcloud.conf'), 'utf8')
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  for (const line of lines) {
    const [, name] = /^([a-z0-9_.-]+) = [0-9 ]+$/.exec(line) ?? []
    t.ok(name !== undefined && existsSync(`/proc/sys/${name.replaceAll('.', '/')}`), line)
  }
})
