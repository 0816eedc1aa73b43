// `npm run build`: checks the types of everything and writes it to dist/, tests included, so that they run as plain
// JavaScript: a TypeScript loader takes longer to start than most of them to run. Only what changed is compiled anew;
// what a source that is gone left in dist/ is removed. The programs that people start are bundled, see bundle.mjs.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePage, bundlePrograms, programs } from './bundle.mjs'
import { writeSuites } from './suites.mjs'

const output = /\.js(\.map)?$/

if (existsSync('dist')) {
  for (const path of readdirSync('dist', { recursive: true })) {
    if (
      !output.test(path) ||
      /^(suites|edge\/chunks|control\/page)\//.test(path) ||
      programs.includes(path.replace(/\.map$/, ''))
    )
      continue
    if (!existsSync(path.replace(output, '.ts'))) rmSync(join('dist', path))
  }
}
// The page is for browsers, which know other things than Node.
const types = ['.', 'control/page'].map(project => ['node_modules/typescript/bin/tsc', '-p', project])
const status = types.reduce(
  (failed, words) => failed || (spawnSync(process.execPath, words, { stdio: 'inherit' }).status ?? 1),
  0,
)
if (status === 0) {
  await Promise.all([bundlePrograms(), bundlePage()])
  writeSuites()
}
process.exit(status)
