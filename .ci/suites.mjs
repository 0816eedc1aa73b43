// Part of `npm run build`: writes dist/suites/, what `npm test` runs. To start a process for a test file takes a second,
// most files take less: those of a folder share one. Plays, and what needs a process to itself (its clock, its
// memory), run alone.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const alone = /(\.play|-absent|-processes|\/tidy)\.test\.js$|\/path\/rules\//
const directory = 'dist/suites'

export function writeSuites() {
  const suites = new Map()
  for (const path of readdirSync('dist', { recursive: true }).sort()) {
    if (!/\/test\/.*\.test\.js$/.test(path)) continue
    const name = (alone.test(path) ? path.replace(/\.test\.js$/, '') : dirname(path)).replaceAll('/', '-')
    suites.set(name, [...(suites.get(name) ?? []), path])
  }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)
  for (const [name, paths] of suites) {
    const imports = paths.map(path => `import '../${path}'\n`)
    writeFileSync(join(directory, `${name.replace('-test', '')}.test.js`), imports.join(''))
  }
}
