import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { runCommand } from '../../supervise/command.js'
import { type Settings, settingsUnder } from '../support/supervise-config.js'

async function run(words: readonly string[]) {
  let printed = ''
  let printedError = ''
  const code = await runCommand(words, {
    workerFile: '/nowhere/worker.js',
    print: text => {
      printed += text
    },
    printError: text => {
      printedError += text
    },
  })
  return { code, printed, printedError }
}

function fileOf(t: Test, settings: Settings = {}): string {
  const directory = t.testdir()
  const file = `${directory}/edge.json`
  writeFileSync(file, JSON.stringify(settingsUnder(directory, settings)))
  return file
}

t.test('runCommand() prints help and version and gives 0', async t => {
  t.match(await run(['--help']), { code: 0, printed: /^Usage: naij-edge --config FILE/, printedError: '' })
  t.match(await run(['--version']), { code: 0, printed: /^\d+\.\d+\.\d+\n$/, printedError: '' })
})

t.test('runCommand() gives 1 for wrong words and says how it goes', async t => {
  const { code, printed, printedError } = await run(['--confg', 'a.json'])
  t.equal(code, 1)
  t.equal(printed, '')
  t.match(printedError, /^naij-edge: .*--confg/)
  t.match(printedError, /\nUsage: /)
})

t.test('runCommand() checks a sound file: ok and 0', async t => {
  const file = fileOf(t)
  t.strictSame(await run(['--config', file, '--check']), {
    code: 0,
    printed: `${file}: ok\n`,
    printedError: '',
  })
})

t.test('runCommand() gives 1 and prints every problem, with --check and without', async t => {
  const file = fileOf(t, { wrokers: 2, loopMax: 'often', sites: [] })
  for (const more of [['--check'], []]) {
    const { code, printed, printedError } = await run(['--config', file, ...more])
    t.equal(code, 1)
    t.equal(printed, '')
    const lines = printedError.trimEnd().split('\n')
    t.equal(lines.length, 3)
    for (const path of ['loopMax', 'sites', 'wrokers']) t.ok(lines.some(line => line.startsWith(`${path}: `)))
  }
})

t.test('runCommand() gives 1 when the file is absent', async t => {
  const { code, printedError } = await run(['--config', '/nowhere/edge.json'])
  t.equal(code, 1)
  t.match(printedError, /^\/nowhere\/edge\.json: cannot be read: ENOENT/)
})

t.test('runCommand() gives 2 and names address and port when the port is taken', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  t.strictSame(await run(['--config', fileOf(t, { listen: [{ address: '127.0.0.1', port }] })]), {
    code: 2,
    printed: '',
    printedError: `naij-edge: cannot listen on 127.0.0.1:${port}: the port is taken by another program (EADDRINUSE)\n`,
  })
})

t.test('runCommand() gives 2 and names the directory that cannot be written', async t => {
  const { code, printedError } = await run([
    '--config',
    fileOf(t, { cache: { directory: '/dev/null/cache' } }),
  ])
  t.equal(code, 2)
  t.match(
    printedError,
    /^naij-edge: cache\.directory: the directory \/dev\/null\/cache cannot be written: ENOTDIR/,
  )
})

t.test('runCommand() takes its signal handlers away again', async t => {
  const before = process.listenerCount('SIGHUP')
  await run(['--config', fileOf(t, { cache: { directory: '/dev/null/cache' } })])
  t.equal(process.listenerCount('SIGHUP'), before)
})

t.test('runCommand() looks into the cache of a configuration', async t => {
  const file = fileOf(t)
  t.match(await run(['cache', 'stat', '--config', file]), { code: 2, printedError: /there is no cache in/ })
  t.match(await run(['cache', 'stat', '--config', '/none']), { code: 1, printedError: /cannot be read/ })
})
