// The program itself: its words, its exit codes, and what it says before it is ready.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { type Settings, settingsUnder } from './support/supervise-config.js'
import { runProgram } from './support/supervise-play.js'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

function run(t: Test, words: readonly string[]) {
  return runProgram(t, words, main).ended
}

function fileOf(t: Test, settings: Settings = {}): string {
  const directory = t.testdir({ file: 'not a directory' })
  const file = `${directory}/edge.json`
  writeFileSync(file, JSON.stringify(settingsUnder(directory, settings)))
  return file
}

t.test('naij-edge --help and --version print and exit 0', async t => {
  const help = await run(t, ['--help'])
  t.match(help, { code: 0, stderr: '' })
  t.match(help.stdout[0], /^Usage: naij-edge --config FILE/)
  const version = await run(t, ['--version'])
  t.match(version, { code: 0, stderr: '' })
  t.match(version.stdout, [/^\d+\.\d+\.\d+$/])
})

t.test('naij-edge exits 1 when its words are wrong', async t => {
  const { code, stderr } = await run(t, ['--confg', 'a.json'])
  t.equal(code, 1)
  t.match(stderr, /^naij-edge: .*--confg[^]*Usage: /)
})

t.test('naij-edge --check says ok and exits 0', async t => {
  const file = fileOf(t)
  t.match(await run(t, ['--config', file, '--check']), { code: 0, stdout: [`${file}: ok`], stderr: '' })
})

t.test('naij-edge exits 1 and prints every problem, with --check and without', async t => {
  const file = fileOf(t, { wrokers: 2, loopMax: 'often', sites: [] })
  for (const words of [
    ['--config', file, '--check'],
    ['--config', file],
  ]) {
    const { code, stdout, stderr } = await run(t, words)
    t.equal(code, 1)
    t.strictSame(stdout, [])
    const lines = stderr.trimEnd().split('\n')
    t.equal(lines.length, 3)
    for (const path of ['loopMax', 'sites', 'wrokers']) t.ok(lines.some(line => line.startsWith(`${path}: `)))
  }
})

t.test('naij-edge exits 1 when the file is absent', async t => {
  const { code, stderr } = await run(t, ['--config', '/nowhere/edge.json'])
  t.equal(code, 1)
  t.match(stderr, /^\/nowhere\/edge\.json: cannot be read: ENOENT/)
})

t.test('naij-edge exits 2 and names address and port when the port is taken', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const { code, stdout, stderr } = await run(t, [
    '--config',
    fileOf(t, { listen: [{ address: '127.0.0.1', port }] }),
  ])
  t.equal(code, 2)
  t.equal(
    stderr,
    `naij-edge: cannot listen on 127.0.0.1:${port}: the port is taken by another program (EADDRINUSE)\n`,
  )
  t.strictSame(stdout, [])
})

t.test('naij-edge exits 2 and names the directory that it cannot write', async t => {
  const directory = '/dev/null/cache'
  const { code, stderr } = await run(t, ['--config', fileOf(t, { cache: { directory } })])
  t.equal(code, 2)
  t.match(stderr, /^naij-edge: cache\.directory: the directory \/dev\/null\/cache cannot be written: ENOTDIR/)
})
