// Part of `npm run dev`: the edge, control, its page and the demo in var/dev/, built straight from their sources, and again
// when these change. dist/ is left to `npm run build`, whose memory of what is up to date would be wrong otherwise.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { context } from 'esbuild'
import { pageOptions, programOptions, programs, typedSourceOf } from './bundle.mjs'

export const directory = 'var/dev'

const kinds = {
  edge: programOptions(typedSourceOf, `${directory}/edge`),
  demo: {
    ...programOptions(typedSourceOf, directory),
    entryPoints: { demo: 'bench/demo/start.ts', 'control/main': 'control/main.ts' },
    splitting: false,
    packages: 'external',
    banner: {},
  },
  page: pageOptions(`${directory}/control/page`),
}

/** `root` is the package directory. */
export async function openBuilds(root) {
  rmSync(join(root, directory), { recursive: true, force: true })
  const common = {
    ...{ absWorkingDir: root, write: false, metafile: true, logLevel: 'silent' },
    // The sources are there.
    sourcesContent: false,
  }
  const contexts = await Promise.all(
    Object.entries(kinds).map(async ([kind, options]) => [kind, await context({ ...options, ...common })]),
  )
  /** Path -> hash of what was written there. */
  const written = new Map()
  /** Of the last that could be built: kind -> the paths of all its sources. */
  const sources = new Map()
  let inWorker = new Set()

  /**
   * Builds what these paths are in, all of it by default, and writes it when all of it could be built. Rejects with esbuild's error; nothing is written then.
   * `changed` has the kinds of which code changed; `inWorker` the sources of the edge's workers, now and before.
   */
  async function rebuild(paths) {
    const concerned = contexts.filter(([kind]) => concerns(kind, paths))
    const settled = await Promise.allSettled(
      concerned.map(async ([kind, each]) => {
        sources.delete(kind)
        return { kind, ...(await each.rebuild()) }
      }),
    )
    const failed = settled.find(({ status }) => status === 'rejected')
    if (failed !== undefined) throw failed.reason
    const results = settled.map(({ value }) => value)
    const changed = new Set()
    for (const { kind, outputFiles } of results) {
      // The programs last: what they import is there by then.
      const order = outputFiles.sort((a, b) => isChunk(b) - isChunk(a))
      for (const { path, contents, hash } of order) {
        if (write(path, contents, hash) && !path.endsWith('.map')) changed.add(kind)
      }
    }
    copyFileSync(join(root, 'control/page/index.html'), join(root, directory, 'control/page/index.html'))
    const before = inWorker
    for (const { kind, metafile } of results) {
      sources.set(kind, new Set(Object.keys(metafile.inputs)))
      if (kind === 'edge') inWorker = sourcesOf(metafile)
    }
    return { changed, inWorker: new Set([...before, ...inWorker]) }
  }

  /** What nobody knows may be new, and what was not built may be whole again. */
  function concerns(kind, paths) {
    const known = [...sources.values()]
    const isKnown = path => known.some(each => each.has(path))
    const mine = sources.get(kind)
    return paths === undefined || mine === undefined || paths.some(path => mine.has(path) || !isKnown(path))
  }

  function write(path, contents, hash) {
    if (written.get(path) === hash) return false
    written.set(path, hash)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, contents)
    return true
  }

  return { rebuild, close: () => Promise.all(contexts.map(([, each]) => each.dispose())) }
}

function isChunk({ path }) {
  return path.includes('/chunks/')
}

/** Of the worker, and of all that it imports. */
function sourcesOf({ outputs }) {
  const worker = programs.find(path => path.endsWith('worker.js'))
  const waiting = [join(directory, worker)]
  const seen = new Set()
  const sources = new Set()
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path) || outputs[path] === undefined) continue
    seen.add(path)
    for (const source of Object.keys(outputs[path].inputs)) sources.add(relative('.', source))
    waiting.push(...outputs[path].imports.map(each => each.path))
  }
  return sources
}
