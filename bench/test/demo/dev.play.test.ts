// `npm run dev` in a copy of the sources: what is saved is served by new workers, from the cache that the old ones filled;
// a build that fails changes nothing; the supervisor's own code is loaded by a restart.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Answer, ask } from '../../request.js'
import { packageRoot } from '../../root.js'
import { putPhotographs } from '../support/demo.js'

/** What is promised is two seconds on a machine with nothing else to do. */
const SERVED_TIMEOUT_MS = 10_000
const STARTED_TIMEOUT_MS = 120_000
const ASK_INTERVAL_MS = 20

const HIT = 'edge/http/cache-status.ts'
const REMARK = 'edge/supervise/supervisor.ts'

function copySources(t: Test): string {
  const directory = t.testdir()
  const root = packageRoot()
  const isWanted = (path: string) => !/\/(test|\.tap|tap-testdir[^/]*|report)$/.test(path)
  for (const name of ['.ci', 'bench', 'config', 'control', 'edge', 'native', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(directory, name), { recursive: true, filter: isWanted })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  mkdirSync(join(directory, 'var'))
  return putPhotographs(directory)
}

interface Dev {
  child: ChildProcess
  /** Resolves with the match when what was printed after `from` characters has it. */
  printed(wanted: RegExp, timeoutMs: number, from?: number): Promise<RegExpExecArray>
  length(): number
}

function startDev(t: Test, directory: string): Dev {
  const env = { ...process.env, NODE_V8_COVERAGE: '' }
  const ports = ['port', 'origin-port', 'control-port'].flatMap(name => [`--${name}`, '0'])
  const child = spawn(process.execPath, ['.ci/dev.mjs', '--no-types', ...ports], { cwd: directory, env })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  t.teardown(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const printed = async (wanted: RegExp, timeoutMs: number, from = 0) => {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const match = wanted.exec(text.slice(from))
      if (match !== null) return match
      if (performance.now() > deadline || child.exitCode !== null)
        throw new Error(`"${wanted}" was not printed: ${text.slice(from)}`)
      await setTimeoutPromise(ASK_INTERVAL_MS)
    }
  }
  return { child, printed, length: () => text.length }
}

function edit(directory: string, path: string, from: string, to: string): void {
  const file = join(directory, path)
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
  writeFileSync(file, text.replace(from, to))
}

function statusOf(answer: Answer): string {
  return String(answer.fields['cache-status'])
}

/** While workers change a connection may be refused or broken off for a new one. */
async function askUntil(url: string, wanted: RegExp, timeoutMs: number): Promise<Answer> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask(url)
    if (wanted.test(statusOf(answer)) || performance.now() > deadline) return answer
    await setTimeoutPromise(ASK_INTERVAL_MS)
  }
}

t.test('what is saved is served, and what was cached is a hit', async t => {
  const directory = copySources(t)
  const dev = startDev(t, directory)
  const [, edge] = await dev.printed(/through the edge +(http:\S+)\//, STARTED_TIMEOUT_MS)
  const page = `${edge}/how-it-works`
  t.match(statusOf(await ask(page)), /fwd=uri-miss/)
  t.match(statusOf(await askUntil(page, /^naij; hit; ttl/, STARTED_TIMEOUT_MS)), /^naij; hit; ttl/)

  t.test('code of the workers, by new workers', async t => {
    const savedMs = performance.now()
    edit(directory, HIT, '; hit; ttl=', '; hit; saved; ttl=')
    t.match(statusOf(await askUntil(page, /saved/, SERVED_TIMEOUT_MS)), /^naij; hit; saved; ttl=/)
    t.comment(`served ${Math.round(performance.now() - savedMs)} ms after it was saved`)
    const line = /dev: edge\/http\/cache-status\.ts: built in \d+ ms, new workers serve after \d+ ms/
    await dev.printed(line, SERVED_TIMEOUT_MS)
  })

  t.test('code that cannot be built, not at all, with its place', async t => {
    edit(directory, HIT, '; hit; saved; ttl=`', '; hit; broken; ttl=')
    await dev.printed(
      /edge\/http\/cache-status\.ts:\d+:\d+:[\s\S]*dev: not built; what ran before goes on/,
      60_000,
    )
    t.match(statusOf(await ask(page)), /^naij; hit; saved; ttl=/)
    edit(directory, HIT, '; hit; broken; ttl=', '; hit; mended; ttl=`')
    t.match(statusOf(await askUntil(page, /mended/, SERVED_TIMEOUT_MS)), /^naij; hit; mended; ttl=/)
  })

  t.test('what is no code changes nothing', async t => {
    const from = dev.length()
    edit(directory, HIT, '//', '// Truly:')
    await dev.printed(/cache-status\.ts: changes nothing that runs/, 60_000, from)
    t.match(statusOf(await ask(page)), /^naij; hit; mended; ttl=/)
  })

  t.test('code of the supervisor, by a restart with the cache as it was', async t => {
    const from = dev.length()
    edit(directory, REMARK, 'stopping: workers finish', 'leaving: workers finish')
    const [, again] = await dev.printed(/through the edge +(http:\S+)\//, STARTED_TIMEOUT_MS, from)
    await dev.printed(/supervisor\.ts: built in \d+ ms, started again, serves after \d+ ms/, 60_000, from)
    t.match(statusOf(await ask(`${again}/how-it-works`)), /^naij; hit; mended; ttl=/)
  })

  t.test('and Ctrl-C stops all of it', async t => {
    const from = dev.length()
    const ended = once(dev.child, 'exit')
    dev.child.kill('SIGINT')
    t.strictSame(await ended, [0, null])
    await dev.printed(/leaving: workers finish/, 1, from)
    await t.rejects(ask(page))
  })
})
