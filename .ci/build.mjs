// `npm run build`: checks the types of everything and writes it to dist/, tests included, so that they run as plain
// JavaScript: a TypeScript loader takes longer to start than most of them to run. Only what changed is compiled anew;
// what a source that is gone left in dist/ is removed. The programs that people start are bundled, see bundle.mjs.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePrograms, programs } from './bundle.mjs'
import { writeSuites } from './suites.mjs'

const output = /\.js(\.map)?$/

if (existsSync('dist')) {
  for (const path of readdirSync('dist', { recursive: true })) {
    if (
      !output.test(path) ||
      /^(suites|edge\/chunks)\//.test(path) ||
      programs.includes(path.replace(/\.map$/, ''))
    )
      continue
    if (!existsSync(path.replace(output, '.ts'))) rmSync(join('dist', path))
  }
}
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc'], { stdio: 'inherit' })
if (status === 0) {
  await bundlePrograms()
  writeSuites()
}
process.exit(status ?? 1)
