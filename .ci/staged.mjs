// The pre-commit hook: format, lint and types of what is staged, and no secrets in it. What is checked is what would be
// committed, not what lies in the working tree: the index is written to a tree of its own in the git directory, where
// what the compiler knows of the last time stays, so that only what changed is checked anew.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { secretsIn } from './secrets.mjs'

const root = git('rev-parse', '--show-toplevel').trim()
const tree = resolve(git('rev-parse', '--git-path', 'staged').trim())
const modules = join(root, 'node_modules')

const staged = git('diff', '--cached', '--name-only', '--diff-filter=ACMRT', '-z').split('\0').filter(Boolean)
/** With those that go: what imported them is wrong then. */
const touched = git('diff', '--cached', '--name-only', '--no-renames', '-z').split('\0').filter(Boolean)

if (!existsSync(join(modules, 'typescript'))) {
  console.error(
    'pre-commit: what checks is not installed: run `npm ci` (`git commit --no-verify` goes without)',
  )
  process.exit(1)
}
const began = performance.now()
writeTree()
const faults = (await Promise.all([secrets(), style(), types()])).flat()
for (const fault of faults) console.error(fault)
if (faults.length > 0) {
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.error(`pre-commit: refused, faults in what is staged: ${faults.length} (${seconds} s)`)
  console.error('`npm run format` mends the format; stage again what it changed')
}
process.exit(faults.length === 0 ? 0 : 1)

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
}

/** dist/ holds what the compiler knows: the first time that is nothing, and takes as long as a build. */
function writeTree() {
  mkdirSync(join(tree, 'dist'), { recursive: true })
  for (const name of readdirSync(tree)) {
    if (name !== 'dist') rmSync(join(tree, name), { recursive: true })
  }
  git('checkout-index', '--all', '--force', `--prefix=${tree}/`)
  symlinkSync(modules, join(tree, 'node_modules'))
}

function secrets() {
  const readable = staged.filter(path => existsSync(join(tree, path)))
  return readable.flatMap(path =>
    secretsIn(readFileSync(join(tree, path), 'utf8')).map(fault => `${path}:${fault}`),
  )
}

async function style() {
  if (staged.length === 0) return []
  const words = ['check', '--reporter=github', '--colors=off', '--no-errors-on-unmatched']
  const limits = ['--files-ignore-unknown=true', '--max-diagnostics=none', '--diagnostic-level=error']
  const biome = join(modules, '@biomejs/biome/bin/biome')
  const { status, output } = await run(biome, [...words, ...limits, '--', ...staged])
  const found = [...output.matchAll(/^::error title=([^,]*),file=([^,]*),line=(\d+),[^:]*::(.*)$/gm)]
  const faults = found.map(([, rule, file, line, why]) => {
    const said = rule === 'format' ? 'not formatted' : `${why} (${rule})`
    return `${relative(tree, resolve(tree, file))}:${line}: ${said}`
  })
  return status === 0 || faults.length > 0 ? faults : [`biome ended with code ${status}: ${output}`]
}

async function types() {
  const isTyped = /\.tsx?$|^package(-lock)?\.json$|tsconfig\.json$/
  const mine = touched.filter(path => isTyped.test(path))
  const isPage = path => path.startsWith('control/page/')
  const projects = [
    ...(mine.some(path => !isPage(path)) ? ['.'] : []),
    ...(mine.some(isPage) ? ['control/page'] : []),
  ]
  const told = []
  for (const project of projects) {
    const words = ['-p', project, '--noEmit', '--pretty', 'false']
    const { status, output } = await run(join(modules, 'typescript/bin/tsc'), words)
    const found = [...output.matchAll(/^(.*?)\((\d+),\d+\): error (.*)$/gm)]
    told.push(...found.map(([, file, line, why]) => `${file}:${line}: ${why}`))
    if (status !== 0 && found.length === 0) told.push(`tsc ended with code ${status}: ${output}`)
  }
  return told
}

/** A program of node_modules, in the tree. */
function run(program, words) {
  return new Promise(done => {
    const child = spawn(process.execPath, [program, ...words], { cwd: tree })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        output += text
      })
    }
    child.on('close', status => done({ status, output }))
  })
}
