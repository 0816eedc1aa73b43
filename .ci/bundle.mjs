// Part of `npm run build`: writes the programs of the edge, dist/edge/{main,worker,keeper}.js, as one file each out of
// their modules. To find and read 300 files one by one was half of the time until a started edge gave its first answer.
import { copyFileSync, rmSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build, transform } from 'esbuild'

/** What comes with compiled code, which has to be found beside it. */
const external = ['lmdb', 'piscina', 'sharp', 'uWebSockets.js', 'zstd-napi']
/** Libraries in the older module format ask for Node's own modules by `require`. */
const banner =
  "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)\n"

export const programs = [
  'edge/keeper.js',
  'edge/main.js',
  'edge/optimise-work.js',
  'edge/optimiser.js',
  'edge/worker.js',
]

/** What esbuild is to do for them: `sourceOf` gives the source of each. */
export function programOptions(sourceOf, outdir) {
  return {
    entryPoints: programs.map(sourceOf),
    outdir,
    bundle: true,
    // What only some uses need is in files of its own.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external,
    banner: { js: banner },
    sourcemap: 'linked',
    logLevel: 'warning',
  }
}

/** The table of settings as it is compiled now: to do that at each start was a sixth of the time until the first answer. */
const compiledTable = {
  name: 'compiled-table',
  setup({ onLoad }) {
    onLoad({ filter: /\/config\/matches\.js$/ }, async ({ path }) => {
      const of = name => import(new URL(name, pathToFileURL(path)))
      const [{ sourceOf }, { edgeSettings }] = await Promise.all([of('compile.js'), of('settings.js')])
      return { contents: (await transform(sourceOf(edgeSettings), { minify: true })).code }
    })
  },
}

/**
 * Into `dist/edge` of `directory`, from what the compiler has written there, or from the sources of a checkout `from`, where
 * the table is left as it is. Rejects when something is not found; the reasons are on standard error by then.
 */
export function bundlePrograms({ directory = '.', from } = {}) {
  rmSync(`${directory}/dist/edge/chunks`, { recursive: true, force: true })
  const sourceOf =
    from === undefined
      ? path => `${directory}/dist/${path.replace('/', '/programs/')}`
      : path => `${from}/${typedSourceOf(path)}`
  return build({ ...programOptions(sourceOf, `${directory}/dist/edge`), plugins: [compiledTable] })
}

/** `edge/main.js` -> `edge/programs/main.ts` */
export function typedSourceOf(path) {
  return path.replace('/', '/programs/').replace(/js$/, 'ts')
}

/** What control shows in a browser, without anything from elsewhere. */
export function pageOptions(outdir) {
  return {
    entryPoints: ['control/page/page.tsx', 'control/page/page.css'],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    sourcemap: 'linked',
    logLevel: 'warning',
  }
}

/** dist/control/page/ */
export async function bundlePage() {
  await build(pageOptions('dist/control/page'))
  copyFileSync('control/page/index.html', 'dist/control/page/index.html')
}
