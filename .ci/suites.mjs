// Part of `npm run build`: writes dist/suites/, what `npm test` runs. To start a process for a test file takes a second,
// most files take less: those of a folder share one. Plays, and what needs a process to itself (its clock, its
// memory), run alone.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const alone = /(\.play|-absent|-processes|\/tidy)\.test\.js$|\/path\/rules\//
/** The plays of the path once more, on the other engine, but for those that run on both by themselves, or are about what neither sees. */
const onNode =
  /\/test\/path\/(?!messages|http2|tls|fuzz|bounds|poisoning|deception|proxy-protocol|early-hints|node-ends|images|dictionaries|host-collapse|store|unstored|slices-changes|bodies-changes|invalidation|groups|vary-sets|languages|key-fields|targeted|explain)[^/]*\.test\.js$/
const directory = 'dist/suites'

export function writeSuites() {
  const suites = new Map()
  for (const path of readdirSync('dist', { recursive: true }).sort()) {
    if (!/\/test\/.*\.test\.js$/.test(path)) continue
    const name = (alone.test(path) ? path.replace(/\.test\.js$/, '') : dirname(path)).replaceAll('/', '-')
    suites.set(name, [...(suites.get(name) ?? []), path])
    if (onNode.test(path)) {
      const first = ['edge/test/support/on-node.js']
      suites.set('edge-path-on-node', [...(suites.get('edge-path-on-node') ?? first), path])
    }
  }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)
  for (const [name, paths] of suites) {
    const imports = ['../.ci/first.mjs', ...paths].map(path => `import '../${path}'\n`)
    writeFileSync(join(directory, `${name.replace('-test', '')}.test.js`), imports.join(''))
  }
}
