import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { addonFile } from '../addon.js'
import { headScanner, Seen } from '../heads.js'

const file = join(dirname(addonFile), 'naij_engine.node')
const engine = dirname(createRequire(import.meta.url).resolve('uWebSockets.js'))
const skip = existsSync(file) ? false : `${file} was not built`

t.test('headScanner() takes everything that is no request of the engine for odd', { skip }, async t => {
  const scanner = headScanner(engine)!
  for (const value of [{}, [], 'text', 1, null, undefined, new ArrayBuffer(8), new (class Request {})()]) {
    t.equal(scanner.scan(value as object), Seen.odd, String(value))
  }
  t.equal(scanner.places.length, 4)
})

t.test('the addon wants room for what it writes', { skip }, async t => {
  const addon = createRequire(import.meta.url)(file)
  for (const room of [undefined, 5, new ArrayBuffer(11), new Uint32Array(3)]) {
    t.throws(() => addon.scanInto(room), { name: 'TypeError', message: /ArrayBuffer of at least 16 bytes/ })
  }
})

t.test(
  'headScanner() is absent for another engine, and where the addon is not, or not of this Node',
  async t => {
    const directory = t.testdir({
      other: { 'package.json': '{"version":"20.52.0"}' },
      'broken.node': 'no library',
    })
    t.equal(headScanner(join(directory, 'other')), undefined)
    t.equal(headScanner(engine, join(directory, 'absent.node')), undefined)
    t.equal(headScanner(engine, join(directory, 'broken.node')), undefined)
  },
)

t.test('headScanner() does not hide what else goes wrong with an addon', async t => {
  const directory = t.testdir()
  const text = 'module.exports = { interfaceVersion: 0 }'
  writeFileSync(join(directory, 'old.cjs'), text)
  t.equal(headScanner(engine, join(directory, 'old.cjs')), undefined, 'built from other sources')
  writeFileSync(join(directory, 'wrong.cjs'), 'throw new Error("oh")')
  t.throws(() => headScanner(engine, join(directory, 'wrong.cjs')), { message: 'oh' })
})

// A second copy of the file is another addon to the loader, with slots of its own.
t.test('environments have slots of their own', { skip }, async t => {
  const copy = join(t.testdir(), 'copy.node')
  cpSync(file, copy)
  t.not(headScanner(engine, copy)!.places.buffer, headScanner(engine)!.places.buffer)
})
