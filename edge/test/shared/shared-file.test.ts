import { chmodSync, existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { lock } from '../../../native/index.js'
import { closeFile, openAlone, openSharedFile, type SharedFileOptions } from '../../shared/shared-file.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'

/** A file of one word: 7 is sound, and counts in the next one how often it was renewed. */
function optionsOf(directory: string, given: Partial<SharedFileOptions> = {}): SharedFileOptions {
  return {
    path: join(directory, 'file'),
    bytes: 4096,
    isSound: buffer => new Int32Array(buffer)[0] === 7,
    make: buffer => {
      new Int32Array(buffer)[0] = 7
    },
    renew: buffer => {
      new Int32Array(buffer)[1] += 1
    },
    ...given,
  }
}

t.test(
  'openSharedFile() makes it for the first, and renews it for who is alone again',
  needsAddon,
  async t => {
    const options = optionsOf(runDirectoryOf(t))
    const first = openSharedFile(options)
    t.equal(first.lock.state, 'shared')
    const second = openSharedFile(options)
    t.strictSame([...new Int32Array(second.buffer, 0, 2)], [7, 0])
    new Int32Array(first.buffer)[2] = 5
    t.equal(new Int32Array(second.buffer)[2], 5, 'it is the same memory')
    first.lock.release()
    second.lock.release()
    const third = openSharedFile(options)
    t.strictSame([...new Int32Array(third.buffer, 0, 3)], [7, 1, 5])
    third.lock.release()
  },
)

t.test('openSharedFile() replaces a link, and leaves alone what it led to', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const target = join(directory, 'target')
  writeFileSync(target, 'x'.repeat(4096))
  symlinkSync(target, join(directory, 'file'))
  const file = openSharedFile(optionsOf(directory))
  t.equal(new Int32Array(file.buffer)[0], 7)
  file.lock.release()
})

t.test(
  'openSharedFile() leaves nothing of a file that could not be made, and nothing locked',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const failing = optionsOf(directory, {
      make: () => {
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      },
    })
    t.throws(() => openSharedFile(failing), { code: 'ENOSPC' })
    const file = openSharedFile(optionsOf(directory))
    t.equal(new Int32Array(file.buffer)[0], 7)
    file.lock.release()
  },
)

t.test('openAlone() excludes others of the directory while it runs, and only then', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const path = join(directory, 'ground.lock')
  const found = openAlone(directory, () => lock(path, 'exclusive'))
  t.equal(found, undefined)
  const free = lock(path, 'exclusive')
  t.ok(free)
  free?.release()
  t.throws(
    () =>
      openAlone(directory, () => {
        throw new Error('broke')
      }),
    { code: 'ground', message: `run.directory: no shared memory in ${directory}: broke` },
  )
  t.equal(
    openAlone(directory, () => 1),
    1,
  )
})

t.test('openAlone() tells a directory that is missing or cannot be written', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  t.throws(() => openAlone(join(directory, 'absent'), () => 1), {
    code: 'ground',
    message: /ENOENT/,
    status: 503,
  })
  const file = join(directory, 'plain')
  writeFileSync(file, '')
  t.throws(() => openAlone(file, () => 1), { code: 'ground', message: /ENOTDIR/ })
  if (process.getuid?.() === 0) return
  chmodSync(directory, 0o500)
  t.throws(() => openAlone(directory, () => 1), { code: 'ground', message: /EACCES/ })
  chmodSync(directory, 0o700)
  t.notOk(existsSync(join(directory, 'ground.lock')))
})

t.test('openAlone() gives up on one who keeps the lock', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const kept = lock(join(directory, 'ground.lock'), 'exclusive')
  t.throws(() => openAlone(directory, () => 1, 20), { code: 'ground-busy', message: /another process keeps/ })
  kept?.release()
  t.equal(
    openAlone(directory, () => 1, 20),
    1,
  )
})

t.test('closeFile() takes the memory away, and leaves the file to others', needsAddon, async t => {
  const options = optionsOf(runDirectoryOf(t))
  const file = openSharedFile(options)
  closeFile(file)
  t.equal(file.buffer.byteLength, 0)
  t.equal(file.lock.state, 'released')
  const again = openSharedFile(options)
  t.equal(new Int32Array(again.buffer)[1], 1, 'it was alone again')
  closeFile(again)
})
