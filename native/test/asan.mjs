// The tests of the addon with AddressSanitizer and the undefined-behaviour checks compiled in: a wrong access ends the
// process with a report. `npm run asan` runs all of them, as built; with names only those (`addon map`).
// Exit codes: 0 all good or nothing to build with (it says so), 1 a test or a check failed.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from '../build.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** One directory per run: two runs at once do not meet. */
const work = `${root}var/asan-${process.pid}`
/** Tests of the building and of the absence of the addon, not of what it does. */
const others = /sanitised|absent|install/
/** Tests of the edge that drive the addon as no test of its own does. */
const driven = [
  'replay',
  'replay-bounds',
  'changes.play',
  'files',
  'lines',
  'replay-secure',
  'replayable',
  'attack.play',
]
  .map(name => `edge/test/replay/${name}`)
  .concat('edge/test/fetch/reading-passed', 'edge/test/path/passed-on')
const flags = '-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g'

function run() {
  const library = libraryOf('g++')
  if (library === undefined) return skip('no g++ with AddressSanitizer')
  mkdirSync(work, { recursive: true })
  for (const name of ['binding.gyp', 'source']) {
    cpSync(`${root}native/${name}`, `${work}/${name}`, { recursive: true })
  }
  const { isBuilt, output } = build(work, { ...process.env, CXX: 'g++', CXXFLAGS: flags, LDFLAGS: flags })
  if (!isBuilt) return fail(`the addon was not built with AddressSanitizer\n${output}`)
  const wanted = process.argv.slice(2)
  const own = readdirSync(`${root}native/test`)
    .filter(name => name.endsWith('.test.ts') && !others.test(name))
    .map(name => `native/test/${name.slice(0, -'.test.ts'.length)}`)
  const names = [...own, ...driven].filter(name => wanted.length === 0 || wanted.includes(basename(name)))
  if (names.length === 0) return fail(`no test is named ${wanted.join(' ')}`)
  return names.map(name => runTest(name, library)).every(Boolean) ? 0 : 1
}

function libraryOf(compiler) {
  const { stdout } = spawnSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' })
  const path = stdout?.trim()
  // What the compiler does not have it answers with the bare name.
  return path?.startsWith('/') && existsSync(path) ? path : undefined
}

function runTest(path, library) {
  const name = basename(path)
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [`${root}dist/${path}.test.js`], {
    cwd: work,
    encoding: 'utf8',
    env: {
      ...withoutRunner(process.env),
      LD_PRELOAD: library,
      // Node itself keeps much until its end; only what the addon does wrong is looked for.
      ASAN_OPTIONS: 'detect_leaks=0',
      UBSAN_OPTIONS: 'print_stacktrace=1',
      NAIJ_NATIVE_FILE: `${work}/build/Release/naij.node`,
    },
  })
  const isGood = status === 0 && !/Sanitizer|runtime error:/.test(stderr) && !/# SKIP no addon/.test(stdout)
  console.log(`asan: ${name}: ${isGood ? 'good' : `failed (${signal ?? status})\n${stdout}\n${stderr}`}`)
  return isGood
}

/** What a test runner around this one says to its tests is not for these. */
function withoutRunner(environment) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(TAP|_TAPJS|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name)),
  )
}

function skip(why) {
  console.log(`asan: skipped: ${why}`)
  return 0
}

function fail(why) {
  console.error(`asan: ${why}`)
  return 1
}

try {
  process.exitCode = run()
} finally {
  rmSync(work, { recursive: true, force: true })
}
