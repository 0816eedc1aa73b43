// Holds the rules of the house that a machine can hold. A failure names the file and the rule.
import t from 'tap'
import { root } from './support/root.js'
import { readSources, type SourceFile } from './support/source.js'

const sources = readSources(root)
const product = sources.filter(source => !source.isTest)

const fileLinesMax = 250
const functionLinesMax = 60

/** Programs: started by somebody, imported by nobody; and the store that only tests use. */
const programs = [
  'edge/cache/memory.ts',
  'bench/demo/start.ts',
  'bench/host/garbage-probe.ts',
  'bench/host/idle-main.ts',
  'bench/host/image-clients.ts',
  'bench/host/neighbour.ts',
  'bench/host/open-loop-main.ts',
  'bench/host/origin-main.ts',
  'bench/main.ts',
  'bench/mixture-load-main.ts',
  'bench/peers/constant-main.ts',
  'bench/soak/main.ts',
  'bench/torture/main.ts',
  'bench/origin/main.ts',
  'config/reference.ts',
  'control/cli.ts',
  'control/client/generate.ts',
  'control/main.ts',
  'control/metrics-reference.ts',
  // Of the page, which begins in page.tsx.
  'control/page/api.ts',
  'control/page/use.ts',
  'control/page/words.ts',
  'edge/programs/keeper.ts',
  'edge/programs/main.ts',
  'edge/programs/optimise-work.ts',
  'edge/programs/optimiser.ts',
  'edge/programs/worker.ts',
  'edge/supervise/metrics-reference.ts',
]

const lookInside = [
  'bench/host/fill.ts',
  'bench/host/filled-index.ts',
  'bench/host/ground.ts',
  'bench/host/mesh.ts',
  'bench/torture/victim.ts',
]

/** Who joins the stages of the path; no stage imports it. */
const heart = [
  'request',
  'relay',
  'follow',
  'begin',
  'conclude',
  'serve',
  'join-host',
  'programs/worker',
  'programs/keeper',
  'programs/main',
].map(name => `edge/${name}.ts`)
const stages = ['accept', 'cache', 'fetch', 'optimise', 'respond', 'usage']

function room(path: string): string {
  return path.split('/', 1)[0]
}

/** The folder of a stage, such as `accept`; undefined outside. */
function stage(path: string): string | undefined {
  const [top, folder, file] = path.split('/')
  return top === 'edge' && file !== undefined && stages.includes(folder) ? folder : undefined
}

function faults(check: (source: SourceFile) => string[]): string[] {
  return sources.flatMap(source => check(source).map(fault => `${source.path}: ${fault}`))
}

t.test('no file is longer than 250 lines, no function than 60', async t => {
  t.strictSame(
    faults(({ lines, functions, isTest }) => [
      ...(lines > fileLinesMax ? [`${lines} lines`] : []),
      // What a test file wraps its cases in is a list, not a function to understand.
      ...(isTest ? [] : functions)
        .filter(size => size.lines > functionLinesMax)
        .map(size => `${size.name}() at line ${size.line} has ${size.lines} lines`),
    ]),
    [],
  )
})

t.test('the rooms import one way: config and native <- control and edge, bench alone', async t => {
  const allowed: Record<string, string[]> = {
    bench: ['bench', 'native'],
    config: ['config'],
    control: ['control', 'config', 'native'],
    edge: ['edge', 'config', 'native'],
    native: ['native'],
  }
  t.strictSame(
    faults(({ path, imports }) =>
      imports
        .filter(({ target, isPackage }) => !isPackage && !allowed[room(path)].includes(room(target)))
        // These look into a part of the edge by itself.
        .filter(() => !lookInside.includes(path))
        .map(({ target }) => `imports ${target}`),
    ),
    [],
  )
})

t.test('inside the edge: http <- stages <- the heart; http imports nothing but http', async t => {
  t.strictSame(
    product.flatMap(({ path, imports }) => {
      const own = imports.filter(({ isPackage }) => !isPackage).map(({ target }) => target)
      if (path.startsWith('edge/http/')) {
        return imports
          .filter(({ target }) => !target.startsWith('edge/http/'))
          .map(({ target }) => `${path} imports ${target}`)
      }
      if (stage(path) === undefined) return []
      return own.filter(target => heart.includes(target)).map(target => `${path} imports ${target}`)
    }),
    [],
  )
})

t.test('the stages do not import each other in circles (types aside)', async t => {
  const edges = new Map<string, Set<string>>()
  for (const { path, imports } of product) {
    const from = stage(path)
    if (from === undefined) continue
    for (const { target, isTypeOnly } of imports) {
      const to = stage(target)
      if (to === undefined || to === from || isTypeOnly) continue
      edges.set(from, (edges.get(from) ?? new Set()).add(to))
    }
  }
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    [...(edges.get(from) ?? [])].some(next => {
      if (next === goal) return true
      if (seen.has(next)) return false
      seen.add(next)
      return reaches(next, goal, seen)
    })
  t.strictSame(
    stages.filter(name => reaches(name, name)),
    [],
    JSON.stringify([...edges].map(([from, to]) => [from, ...to])),
  )
})

t.test('only accept/ and respond/ know uWebSockets.js, only cache/ knows lmdb', async t => {
  const owners: Record<string, string[]> = {
    'uWebSockets.js': ['accept', 'respond'],
    lmdb: ['cache'],
  }
  t.strictSame(
    product.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => owners[target] !== undefined && !owners[target].includes(stage(path) ?? ''))
        // Control has a store of its own, and the bench a peer that is nothing but the engine.
        .filter(({ target }) => target !== 'lmdb' || !path.startsWith('control/state/'))
        .filter(() => path !== 'bench/peers/constant-main.ts')
        .map(({ target }) => `${path} imports ${target}`),
    ),
    [],
  )
})

t.test('rules of HTTP are given the time, they do not read a clock', async t => {
  const clock = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bhrtime\b/
  t.strictSame(
    product
      .filter(({ path, text }) => path.startsWith('edge/http/') && clock.test(text))
      .map(({ path }) => path),
    [],
  )
})

t.test('nothing is promised for later, skipped, silenced or forced', async t => {
  // Put together here, so that this file does not find itself.
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')
  const banned = new RegExp(
    `\\b(?:${words})\\b|\\bas any\\b|@ts-(?:ignore|nocheck)|\\.only\\(|(?<!tap\\w*)\\bt\\.(?:skip|todo)\\(|catch *(?:\\(\\w+\\))? *\\{\\s*\\}`,
  )
  t.strictSame(
    faults(({ text }) => {
      const found = banned.exec(text)
      return found === null ? [] : [found[0]]
    }),
    [],
  )
})

t.test('every file is used by something', async t => {
  const imported = new Set(product.flatMap(({ imports }) => imports.map(({ target }) => target)))
  t.strictSame(
    product.map(({ path }) => path).filter(path => !imported.has(path) && !programs.includes(path)),
    [],
  )
})

t.test('every test mirrors a file (x.test.ts, x-topic.test.ts) or is a play', async t => {
  const paths = new Set(product.map(({ path }) => path))
  const plays = /\/test\/(?:path|support)\/|\/test\/tidy\.test\.ts$|\.play\.test\.ts$/
  const mirrors = (path: string): boolean => {
    const words = path.replace('/test/', '/').replace('.test.ts', '').split('-')
    return words.some((_, index) => paths.has(`${words.slice(0, index + 1).join('-')}.ts`))
  }
  t.strictSame(
    sources
      .filter(({ path, isTest }) => isTest && path.endsWith('.test.ts') && !plays.test(path))
      .map(({ path }) => path)
      .filter(path => !mirrors(path)),
    [],
  )
})
