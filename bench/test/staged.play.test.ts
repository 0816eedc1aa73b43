// The pre-commit hook, .ci/hooks/pre-commit, in a clone: what is staged is checked, and refused with file, line and reason.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../root.js'

const environment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  ...Object.fromEntries(['AUTHOR', 'COMMITTER'].map(who => [`GIT_${who}_NAME`, 'somebody'])),
  ...Object.fromEntries(['AUTHOR', 'COMMITTER'].map(who => [`GIT_${who}_EMAIL`, 'somebody@example.org'])),
}

const compiler = {
  compilerOptions: {
    ...{ strict: true, module: 'nodenext', types: [], skipLibCheck: true },
    ...{ incremental: true, tsBuildInfoFile: 'dist/.tsbuildinfo' },
  },
  include: ['edge'],
}

/** A repository with one sound commit, and the hook in force. */
function clone(t: Test) {
  const directory = t.testdir()
  const root = packageRoot()
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: directory, env: environment, encoding: 'utf8' })
  const write = (files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
  }
  git('init', '--quiet')
  cpSync(join(root, '.ci'), join(directory, '.ci'), { recursive: true })
  cpSync(join(root, '.biome.json'), join(directory, '.biome.json'))
  cpSync(join(root, '.gitignore'), join(directory, '.gitignore'))
  // The node_modules of the original too may be a link, which .gitignore does not leave out.
  write({ '.git/info/exclude': 'node_modules\n', 'tsconfig.json': JSON.stringify(compiler) })
  write({ 'package.json': '{ "type": "module" }', 'edge/sound.ts': "export const sound: string = 'yes'\n" })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  git('add', '.')
  git('commit', '--quiet', '-m', 'sound')
  git('config', 'core.hooksPath', '.ci/hooks')
  const commit = () => {
    const options = { cwd: directory, env: environment, encoding: 'utf8' } as const
    const { status, stderr } = spawnSync('git', ['commit', '--quiet', '-m', 'more'], options)
    return { status, faults: stderr.split('\n').filter(line => line !== '') }
  }
  const reset = () => git('reset', '--quiet', '--hard')
  return { directory, git, write, commit, reset }
}

t.test(
  'what is badly formatted, wrong by lint or by type, or a secret is refused, with its place',
  async t => {
    const { git, write, commit, reset } = clone(t)
    const key = `-----BEGIN ${'PRIVATE'} KEY-----`
    write({
      'edge/format.ts': 'export const   a = 1\n',
      'edge/lint.ts': '// Same?\nexport const isSame = (a: number) => a == 1\n',
      'edge/type.ts': "import { sound } from './sound.js'\n\nexport const count: number = sound\n",
      'edge/key.pem': `# of a test\n${key}\n`,
    })
    git('add', '.')
    const { status, faults } = commit()
    t.equal(status, 1)
    t.match(faults, [
      /^edge\/key\.pem:2: looks like a private key/,
      /^edge\/format\.ts:1: not formatted$/,
      /^edge\/lint\.ts:2: .*\(lint\/suspicious\/noDoubleEquals\)$/,
      /^edge\/type\.ts:3: TS2322: Type 'string' is not assignable to type 'number'/,
      /^pre-commit: refused, faults in what is staged: 4 \(\d+\.\d s\)$/,
      /npm run format/,
    ])
    t.equal(faults.length, 6, faults.join('\n'))
    reset()

    write({ 'edge/sound.ts': 'export const sound: number = 1\n' })
    write({ 'edge/use.ts': "import { sound } from './sound.js'\n\nexport const count: number = sound\n" })
    git('add', '.')
    t.strictSame(commit(), { status: 0, faults: [] }, 'what is sound passes')

    git('rm', '--quiet', 'edge/sound.ts')
    t.match(commit(), { status: 1, faults: [/^edge\/use\.ts:1: TS2307: /] }, 'what goes is missed')
  },
)

t.test('it is the index that is checked, not the working tree', async t => {
  const { directory, git, write, commit } = clone(t)
  write({ 'edge/a.ts': 'export const   a = 1\n' })
  git('add', '.')
  write({ 'edge/a.ts': 'export const a = 1\n' })
  t.match(commit(), { status: 1, faults: [/^edge\/a\.ts:1: not formatted$/] }, 'mended, but not staged')
  git('add', '.')
  write({ 'edge/a.ts': 'export const   a: string = 1\n', 'edge/b.ts': 'nonsense at all' })
  t.strictSame(commit(), { status: 0, faults: [] }, 'what is not staged may be bad')

  rmSync(join(directory, 'node_modules'))
  git('add', '.')
  t.match(commit(), { status: 1, faults: [/^pre-commit: .*npm ci/] }, 'nothing to check with')
})

t.test('npm ci puts the hook in force in a clone without hooks, but not in CI', async t => {
  const directory = t.testdir({
    'package.json': '{ "scripts": { "build": "node -e 0" } }',
    node_modules: { typescript: {} },
  })
  const git = (...words: string[]) => spawnSync('git', words, { cwd: directory, env: environment })
  const hooksPath = () => git('config', 'core.hooksPath').stdout.toString()
  const prepare = (more: NodeJS.ProcessEnv = {}) => {
    const options = { cwd: directory, env: { ...environment, HOME: directory, ...more } }
    t.equal(spawnSync(process.execPath, [join(packageRoot(), '.ci/prepare.mjs')], options).status, 0)
  }
  git('init', '--quiet')
  prepare({ CI: 'true' })
  t.equal(hooksPath(), '')

  writeFileSync(join(directory, '.git/hooks/post-commit'), '')
  prepare()
  t.equal(hooksPath(), '', 'there are others already')

  rmSync(join(directory, '.git/hooks/post-commit'))
  prepare()
  t.equal(hooksPath(), '.ci/hooks\n')

  git('config', 'core.hooksPath', 'elsewhere')
  prepare()
  t.equal(hooksPath(), 'elsewhere\n')
})

t.test('secrets: each kind of token is known, what is like them is not, and a comment allows', async t => {
  const { secretsIn } = await import(join(packageRoot(), '.ci/secrets.mjs'))
  // Put together here, so that this file does not find itself.
  const secrets = [
    `nce_${'0123456789abcdef'}_${'x'.repeat(42)}-`,
    `AKIA${'ABCDEFGHIJKLMNOP'}`,
    `aws_secret_access_key = ${'a1/'.repeat(13)}b`,
    `ghp_${'a1'.repeat(18)}`,
    `github_pat_${'a1'.repeat(11)}`,
    `glpat-${'a1'.repeat(10)}`,
    `npm_${'a1'.repeat(18)}`,
    `xoxb-${'1234567890'}-abc`,
    `https://hooks.slack.com/services/${'T01/B02/abc'}`,
    `AIza${'b'.repeat(35)}`,
    `sk_live_${'c'.repeat(24)}`,
    `-----BEGIN RSA ${'PRIVATE'} KEY-----`,
  ]
  for (const secret of secrets) {
    t.match(secretsIn(`first\nconst a = '${secret}'\n`), [/^2: looks like an? /], secret.slice(0, 12))
    t.strictSame(secretsIn(`const a = '${secret}' // secret: allowed`), [])
    t.strictSame(secretsIn(`// secret: allowed\nconst a = '${secret}'`), [])
    t.match(secretsIn(`// secret: allowed\n\nconst a = '${secret}'`), [/^3: /], 'two lines above is too far')
  }
  const harmless = [
    'nce_a_b',
    'nce_<id>_<secret>',
    '-----BEGIN CERTIFICATE-----',
    'xoxb-',
    'ghp_short',
    'AKIA',
  ]
  t.strictSame(secretsIn(harmless.join('\n')), [])
  t.strictSame(secretsIn(`\0${secrets[0]}`), [], 'what is no text is not read')
})

t.test('there is no secret in this checkout that is not said to be one of a test', async t => {
  const { secretsIn } = await import(join(packageRoot(), '.ci/secrets.mjs'))
  const rooms = ['.ci', 'bench', 'config', 'control', 'edge', 'native']
  const paths = rooms.flatMap(room =>
    readdirSync(join(packageRoot(), room), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(m?[tj]sx?|json|md|pem|sh|cc|h)$/.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .filter(path => !/\/(\.tap|tap-testdir[^/]*|report|node_modules)\//.test(path)),
  )
  t.ok(paths.length > 500, `${paths.length} files`)
  t.strictSame(
    paths.flatMap(path => secretsIn(readFileSync(path, 'utf8')).map((fault: string) => `${path}:${fault}`)),
    [],
  )
})
