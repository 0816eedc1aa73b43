// `npm run dev`: the demo, built from the sources anew whenever they change. Code of the edge's workers is taken over by a
// new generation of them, which loses nothing; for other code the demo starts again, and its cache is on disk. A build
// that fails is told, and what ran goes on. Types are checked beside, and keep nothing from running.
// usage: npm run dev -- [--no-types] [what `npm start` takes]
import { fork, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { formatMessages } from 'esbuild'
import { directory, openBuilds } from './dev-builds.mjs'
import { watchBelow } from './watch.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const watched = ['edge', 'config', 'control', 'native', 'bench/demo']
/** Not what editors put beside them. */
const source = /\/[\w-][\w.-]*\.(css|html|js|json|md|svg|tsx?)$/
/** An editor that saves several files saves them within this. */
const settleMs = 30
const takeOverMs = 60_000
/** The supervisor's own, which only a restart loads. */
const supervising = /^(edge\/(supervise\/|programs\/main)|native\/)/
const inUse = /new configuration in use/
const refused = /the old configuration stays in use/
const ready = /The demo runs\./

const words = process.argv.slice(2).filter(word => word !== '--no-types')
const withTypes = words.length === process.argv.length - 2
const builds = await openBuilds(root)
let demo
let isStopping = false
let isBusy = false
const waiting = new Set()
let beganMs = 0

const unwatch = watchBelow(root, watched, path => {
  if (!source.test(path)) return
  if (waiting.size === 0) beganMs = performance.now()
  waiting.add(path)
  void work()
})
const types = withTypes ? checkTypes() : undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop())
beganMs = performance.now()
if (await built()) await startDemo()
else say('waiting for a change')
void work()

function say(text) {
  console.log(`dev: ${text}`)
}

function since(ms) {
  return `${Math.round(performance.now() - ms)} ms`
}

/** One after the other: what changes meanwhile is done together afterwards. */
async function work() {
  if (isBusy || isStopping) return
  isBusy = true
  while (waiting.size > 0 && !isStopping) {
    await wait(settleMs)
    const paths = [...waiting]
    waiting.clear()
    await apply(paths, beganMs)
  }
  isBusy = false
}

async function apply(paths, sinceMs) {
  const result = await built(paths)
  if (result === undefined) return
  const what = paths.length > 3 ? `${paths.length} files` : paths.join(', ')
  const buildTime = since(sinceMs)
  const { changed, inWorker } = result
  const content = paths.some(path => path.startsWith('bench/demo/pages/'))
  if (changed.size === 0 && !content && demo !== undefined) return say(`${what}: changes nothing that runs`)
  if (changed.size === 1 && changed.has('page')) return say(`${what}: built in ${buildTime}, reload the page`)
  const isTakenOver =
    demo !== undefined &&
    !content &&
    !changed.has('demo') &&
    paths.every(path => !supervising.test(path) && inWorker.has(path))
  const isServed = await (isTakenOver ? takeOver() : restart())
  const how = isTakenOver ? 'new workers serve' : 'started again, serves'
  if (isServed) say(`${what}: built in ${buildTime}, ${how} after ${since(sinceMs)}`)
}

/** Undefined when it cannot be built; the reasons are printed. */
async function built(paths) {
  try {
    return await builds.rebuild(paths)
  } catch (error) {
    const messages = await formatMessages(error.errors ?? [{ text: String(error) }], { kind: 'error' })
    process.stderr.write(messages.join(''))
    say('not built; what ran before goes on')
    return undefined
  }
}

async function takeOver() {
  const told = demo.line(line => inUse.test(line) || refused.test(line), takeOverMs)
  demo.child.kill('SIGUSR2')
  const line = await told
  if (line === undefined || !inUse.test(line)) say('the new workers did not start; the old ones go on')
  return line !== undefined && inUse.test(line)
}

async function restart() {
  await stopDemo()
  return startDemo()
}

async function stopDemo() {
  if (demo === undefined) return
  demo.child.kill('SIGTERM')
  await demo.ended
}

/** Whether it serves. */
async function startDemo() {
  // In a group of its own: Ctrl-C reaches only us. With the channel it ends when we do.
  const child = fork(join(root, directory, 'demo.js'), ['--programs', directory, ...words], {
    ...{ cwd: root, detached: true, execArgv: ['--enable-source-maps'] },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const listeners = new Set()
  createInterface({ input: child.stdout }).on('line', text => {
    console.log(text)
    for (const listener of listeners) listener(text)
  })
  const ended = new Promise(resolve => child.once('close', resolve))
  demo = { child, ended, line: (isWanted, timeMs) => lineOf(listeners, ended, isWanted, timeMs) }
  void ended.then(code => {
    if (demo?.child !== child) return
    demo = undefined
    if (!isStopping && code !== 0) say('the demo ended; it starts again with the next change')
  })
  return (await demo.line(line => ready.test(line))) !== undefined
}

/** The next line that is wanted; undefined when it does not come in time, or at all. */
function lineOf(listeners, ended, isWanted, timeMs) {
  return new Promise(resolve => {
    const timer = timeMs === undefined ? undefined : setTimeout(() => settle(undefined), timeMs)
    const settle = line => {
      clearTimeout(timer)
      listeners.delete(listener)
      resolve(line)
    }
    const listener = line => isWanted(line) && settle(line)
    listeners.add(listener)
    void ended.then(() => settle(undefined))
  })
}

/** The compiler looks on by itself, and gets what time the others leave. */
function checkTypes() {
  const info = join(root, directory, '../dev.tsbuildinfo')
  const options = [
    '--noEmit',
    '--watch',
    '--preserveWatchOutput',
    '--pretty',
    'false',
    '--tsBuildInfoFile',
    info,
  ]
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const child = spawn(process.execPath, [compiler, '-p', '.', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  setPriority(child.pid, 19)
  createInterface({ input: child.stdout }).on('line', line => {
    if (/error TS\d+/.test(line)) console.log(`types: ${line.replace(/^\d.* - /, '')}`)
    else if (/Found \d+ errors?/.test(line)) console.log(`types: ${line.replace(/^.*(Found)/, '$1')}`)
  })
  return child
}

/** Asked again, it does not wait. */
async function stop() {
  if (isStopping) {
    demo?.child.kill('SIGTERM')
    process.exit(130)
  }
  isStopping = true
  unwatch()
  types?.kill('SIGKILL')
  await stopDemo()
  await builds.close()
  process.exit(0)
}
