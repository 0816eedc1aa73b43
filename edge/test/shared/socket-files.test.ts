import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SocketFiles } from '../../shared/socket-files.js'
import { runDirectoryOf } from './support/ground.js'

t.test('owners() are those of the group, and nothing else that lies there', async t => {
  const directory = runDirectoryOf(t)
  const files = new SocketFiles(directory, 'aa')
  for (const name of ['mesh-aa-1', 'mesh-aa-20', 'mesh-aa-3.new', 'mesh-bb-4', 'mesh-aa-x', 'edge.sock']) {
    writeFileSync(join(directory, name), '')
  }
  t.strictSame(files.owners().sort(), [1, 20])
  files.remove(20)
  files.remove(21)
  t.strictSame(files.owners(), [1])
})

t.test('remove() of what is no file does nothing', async t => {
  const directory = runDirectoryOf(t)
  mkdirSync(join(directory, 'mesh-aa-1'))
  t.equal(new SocketFiles(directory, 'aa').remove(1), false)
})

t.test('newPath() refuses a path that no socket can have, and says how long it is', async t => {
  const fitting = new SocketFiles(`/${'d'.repeat(107 - '//mesh-aa-1.new'.length)}`, 'aa')
  t.equal(fitting.newPath(1).length, 107)
  t.throws(() => fitting.newPath(10), {
    code: 'mesh-path',
    message: /^run\.directory: the path is too long .* has 108 bytes, at most 107$/,
  })
  const wide = new SocketFiles(`/${'é'.repeat(60)}`, 'aa')
  t.throws(() => wide.newPath(1), { code: 'mesh-path' }, 'bytes count, not characters')
})

t.test('removeUnnamed() removes what has waited for its name for a minute', async t => {
  const directory = runDirectoryOf(t)
  const [old, young] = ['mesh-aa-1.new', 'mesh-aa-2.new'].map(name => join(directory, name))
  for (const path of [old, young]) writeFileSync(path, '')
  const thenS = Date.now() / 1000 - 61
  utimesSync(old, thenS, thenS)
  new SocketFiles(directory, 'aa').removeUnnamed()
  t.strictSame([existsSync(old), existsSync(young)], [false, true])
})
