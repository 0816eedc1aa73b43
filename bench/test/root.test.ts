import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../root.js'

t.test('packageRoot() is the nearest directory above with a package.json', async t => {
  t.ok(existsSync(join(packageRoot(), 'bench/root.ts')))
  const directory = t.testdir({ 'package.json': '{}', a: { b: {} } })
  t.equal(packageRoot(join(directory, 'a/b/file.js')), directory)
  t.throws(() => packageRoot('/nowhere/at/all.js'), { message: /no package\.json above/ })
})
