import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { map, mapBytesMax, unmap } from '../map.js'
import { needsAddon, untilTrue } from './support/addon.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function isMapped(path: string): boolean {
  return readFileSync('/proc/self/maps', 'latin1').includes(path)
}

t.test('map() creates a file whose space is reserved and whose bytes are zero', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  const buffer = map(path, 100_000, { create: true })
  t.equal(buffer.byteLength, 100_000)
  t.ok(new Uint8Array(buffer).every(byte => byte === 0))
  const { size, blocks, mode } = statSync(path)
  t.equal(size, 100_000)
  t.ok(blocks * 512 >= 100_000, 'no holes')
  t.equal(mode & 0o777, 0o600)
})

t.test('map() shows one file to all who map it', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  const one = new Int32Array(map(path, 4096, { create: true }))
  Atomics.store(one, 3, 42)
  const two = new Int32Array(map(path, 4096, { create: true }))
  t.equal(Atomics.load(two, 3), 42, 'creating it again leaves it as it is')
  const wide = new BigInt64Array(map(path, 4096))
  Atomics.add(wide, 8, 1n << 40n)
  t.equal(Atomics.compareExchange(two, 17, 1 << 8, 5), 1 << 8)
  t.equal(Atomics.load(wide, 8), 5n << 32n)
  t.equal(readFileSync(path).readInt32LE(12), 42, 'and to who reads it')
})

t.test('map() fills the holes of a file that has them', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  writeFileSync(path, 'kept')
  truncateSync(path, 1024 * 1024)
  const buffer = map(path, 1024 * 1024)
  t.ok(statSync(path).blocks * 512 >= 1024 * 1024)
  t.equal(Buffer.from(buffer, 0, 5).toString(), 'kept\0')
})

t.test('map() refuses what it cannot map, and says which file', needsAddon, async t => {
  const directory = t.testdir()
  const path = `${directory}/zone`
  t.throws(() => map(path, 4096), { code: 'ENOENT', path })
  writeFileSync(path, '')
  t.throws(() => map(path, 4096), { code: 'wrong-length', path })
  writeFileSync(path, new Uint8Array(4095))
  for (const create of [true, false]) {
    t.throws(() => map(path, 4096, { create }), {
      code: 'wrong-length',
      message: `the file has 4095 bytes, expected 4096 '${path}'`,
      path,
    })
  }
  t.equal(statSync(path).size, 4095, 'and leaves it as it is')
  mkdirSync(`${directory}/folder`)
  t.throws(() => map(`${directory}/folder`, 4096), { code: 'EISDIR' })
  symlinkSync(path, `${directory}/link`)
  t.throws(() => map(`${directory}/link`, 4095), { code: 'ELOOP' })
})

t.test('map() refuses a length that cannot be, and makes no file for it', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  for (const bytes of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, mapBytesMax + 1]) {
    t.throws(() => map(path, bytes, { create: true }), RangeError, String(bytes))
  }
  t.equal(statSync(path, { throwIfNoEntry: false }), undefined)
})

t.test('unmap() empties the views at once and gives the memory back', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  const buffer = map(path, 8192, { create: true })
  const view = new Int32Array(buffer)
  Atomics.store(view, 0, 9)
  t.ok(isMapped(path))
  t.equal(unmap(buffer), true)
  t.equal(buffer.byteLength, 0)
  t.equal(view.length, 0)
  t.equal(view[0], undefined)
  t.throws(() => Atomics.load(view, 0), Error)
  t.equal(unmap(buffer), false, 'a second time')
  t.ok(await untilTrue(() => !isMapped(path)))
  t.equal(readFileSync(path).readInt32LE(0), 9, 'what was written is in the file')
})

t.test('the memory of a buffer that nothing refers to is given back', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  const use = (): number => new Int32Array(map(path, 8192, { create: true })).length
  t.equal(use(), 2048)
  t.ok(
    await untilTrue(() => {
      collect()
      return !isMapped(path)
    }, 50),
  )
})

t.test('a view keeps the memory', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  const view = new Int32Array(map(path, 8192, { create: true }), 4, 1)
  for (let round = 0; round < 5; round++) {
    collect()
    await new Promise(setImmediate)
  }
  t.ok(isMapped(path))
  t.equal(Atomics.add(view, 0, 1), 0)
})

t.test('a mapped buffer cannot be moved to somebody else', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  const buffer = map(path, 8192, { create: true })
  try {
    const copy = structuredClone(buffer, { transfer: [buffer] })
    new Int32Array(copy)[0] = 1
  } catch (error) {
    // Newer versions of Node refuse where older ones copy.
    t.match(error, { name: 'DataCloneError' })
  }
  t.equal(buffer.byteLength, 8192)
  t.equal(new Int32Array(buffer)[0], 0)
  t.equal(unmap(buffer), true)
})
