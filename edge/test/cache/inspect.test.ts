import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { closeDatabases, openDatabases, readValue, transact } from '../../cache/databases.js'
import { allFree } from '../../cache/free-pages.js'
import { inspectIndex, setAside } from '../../cache/inspect.js'
import { openLmdbStore } from '../../cache/lmdb.js'
import { faultOf, recordOf } from '../support/store-records.js'

const bytesMax = 16 * 1024 * 1024
const pageBytes = 4_096

async function filled(t: Test, count: number): Promise<string> {
  const directory = join(t.testdir(), 'filled')
  const store = openLmdbStore({ directory, bytesMax, writeQueueBytesMax: bytesMax, log: () => {} })
  for (let i = 0; i < count; i++) await store.put(`k${i}`, recordOf(`k${i}`, 6_000))
  await store.close()
  return directory
}

function dataOf(directory: string): string {
  return join(directory, 'index', 'data.mdb')
}

function copyOf(directory: string, name: string): string {
  const copy = join(directory, '..', name.replaceAll(' ', '-'))
  cpSync(join(directory, 'index'), join(copy, 'index'), { recursive: true })
  return copy
}

function write(directory: string, change: (bytes: Buffer) => Buffer): string {
  const path = dataOf(directory)
  writeFileSync(path, change(readFileSync(path)))
  return directory
}

t.test('inspectIndex() is absent where nothing is', async t => {
  t.strictSame(inspectIndex(t.testdir()), { state: 'absent' })
  t.strictSame(inspectIndex(join(t.testdirName, 'not', 'there')), { state: 'absent' })
  t.strictSame(inspectIndex(t.testdir({ index: {} })), { state: 'absent' })
})

t.test('inspectIndex() is sound for what lmdb leaves behind, open or closed', async t => {
  const directory = t.testdir()
  const store = openLmdbStore({ directory, bytesMax, writeQueueBytesMax: bytesMax, log: () => {} })
  t.strictSame(inspectIndex(directory), { state: 'sound' }, 'new')
  for (let i = 0; i < 20; i++) {
    await store.put(`k${i % 7}`, recordOf(`k${i % 7}`, i * 5_000))
    t.strictSame(inspectIndex(directory), { state: 'sound' }, `open ${i}`)
  }
  await store.close()
  t.strictSame(inspectIndex(directory), { state: 'sound' }, 'closed')
})

t.test('inspectIndex() says what is damaged', async t => {
  const source = await filled(t, 20)
  const at = (bytes: Buffer, position: number, value: number): Buffer => {
    bytes.writeUInt32LE(value, position)
    return bytes
  }
  const rows: [string, RegExp, (bytes: Buffer) => Buffer][] = [
    ['zero length', /empty/, () => Buffer.alloc(0)],
    ['ends in the first page', /first page/, bytes => bytes.subarray(0, 100)],
    ['ends after the first meta data', /meta pages/, bytes => bytes.subarray(0, 1_000)],
    ['ends in the second page', /meta pages/, bytes => bytes.subarray(0, pageBytes + 50)],
    ['only meta pages', /meta page names/, bytes => bytes.subarray(0, 2 * pageBytes)],
    ['zeros', /no meta pages/, bytes => Buffer.alloc(bytes.length)],
    ['text', /no meta pages|magic/, bytes => Buffer.alloc(bytes.length, 'not a database ')],
    ['first magic', /magic/, bytes => at(bytes, 24, 1)],
    ['second magic', /magic/, bytes => at(bytes, pageBytes + 24, 1)],
    ['another version', /version 3/, bytes => at(bytes, 28, 3)],
    ['odd page size', /pages of 5000/, bytes => at(bytes, 48, 5_000)],
    ['half the file', /meta page names/, bytes => bytes.subarray(0, bytes.length >> 1)],
    [
      'half, without a list of free pages',
      /names/,
      bytes => withoutFreeList(bytes).subarray(0, bytes.length >> 1),
    ],
    [
      'half, with a list that lies outside',
      /names/,
      bytes => at(at(bytes, 88, 0xfffffff), pageBytes + 88, 0xfffffff).subarray(0, bytes.length >> 1),
    ],
  ]
  for (const [name, reason, change] of rows) {
    const directory = copyOf(source, name)
    t.match(inspectIndex(write(directory, change)), { state: 'damaged', reason }, name)
  }
})

function withoutFreeList(bytes: Buffer): Buffer {
  for (const page of [0, pageBytes]) bytes.fill(0xff, page + 88, page + 96)
  return bytes
}

t.test('inspectIndex() goes by the flushed snapshot when the last one was lost in a reboot', async t => {
  const directory = await filled(t, 20)
  const later = write(directory, bytes => {
    for (const page of [0, pageBytes]) {
      bytes.writeUInt16LE(bytes.readUInt16LE(page + 52) | 0x1000, page + 52)
      bytes.writeBigUInt64LE(1_000_000n, page + 144)
      bytes.writeBigInt64LE(12_345n, page + 160)
    }
    return bytes
  })
  t.strictSame(inspectIndex(later), { state: 'sound' })
})

t.test('a file that lacks free pages at its end is sound, one that lacks a page in use is not', async t => {
  // In the second case the list of free pages is so long that it has pages of its own.
  for (const [count, kept, largeBytes] of [
    [30, 20, 900_000],
    [700, 40, 6_000_000],
  ] as const) {
    const directory = join(t.testdirName, `short-${count}`)
    const keys = Array.from({ length: kept }, (_, i) => `k${i}`)
    await makeShort(directory, count, keys, largeBytes)
    t.strictSame(inspectIndex(directory), { state: 'sound' })
    const path = dataOf(directory)
    const pages = statSync(path).size / pageBytes
    t.ok(lastPageOf(path) > pages + 50, `${lastPageOf(path)} pages named, ${pages} there: lawfully short`)
    const verdicts = new Map<string, number>()
    for (let left = pages; left > 2; left -= Math.ceil(pages / 25)) {
      const copy = copyOf(directory, `${count}-${left}`)
      truncateSync(dataOf(copy), left * pageBytes)
      const { state } = inspectIndex(copy)
      verdicts.set(state, (verdicts.get(state) ?? 0) + 1)
      if (state === 'sound')
        t.strictSame(await lengthsIn(copy, keys), Array(kept).fill(true), `${left} pages`)
    }
    t.ok(verdicts.get('damaged'), `${count}: in the end a page in use is missing`)
  }
})

/** Leaves an index whose last pages were taken and given back within one transaction, and so never written. */
async function makeShort(
  directory: string,
  count: number,
  keys: string[],
  largeBytes: number,
): Promise<void> {
  const databases = openDatabases(directory, bytesMax)
  const { entries } = databases
  for (let i = 0; i < count; i++) await entries.put(`k${i}`, recordOf(`k${i}`, 6_000), i)
  await transact(databases, () =>
    Array.from({ length: count - keys.length }, (_, i) => entries.remove(`k${i + keys.length}`)),
  )
  await transact(databases, () => {
    entries.put('large', recordOf('large', largeBytes), 1)
    return [entries.remove('large')]
  })
  await closeDatabases(databases)
}

async function lengthsIn(directory: string, keys: string[]): Promise<boolean[]> {
  const databases = openDatabases(directory, bytesMax)
  const lengths = keys.map(key => Number((readValue(databases, key) as Buffer | undefined)?.length) > 6_000)
  await closeDatabases(databases)
  return lengths
}

function lastPageOf(path: string): number {
  const bytes = readFileSync(path)
  return Math.max(...[144, pageBytes + 144].map(at => Number(bytes.readBigUInt64LE(at))))
}

t.test('allFree() is false for whatever is no tree of free pages', async t => {
  const page = (flags: number, nodes: number[], node?: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.alloc(pageBytes)
    bytes.writeUInt16LE(flags, 18)
    bytes.writeUInt16LE(nodes.length * 2, 20)
    for (const [i, at] of nodes.entries()) bytes.writeUInt16LE(at, 24 + 2 * i)
    node?.(bytes)
    return bytes
  }
  const rows: [string, Buffer][] = [
    ['no page', Buffer.alloc(0)],
    ['another kind of page', page(8, [])],
    ['an empty leaf', page(2, [])],
    ['a node outside the page', page(2, [5_000])],
    ['a branch to itself', page(1, [100], bytes => bytes.writeUInt32LE(5, 124))],
    ['data outside the page', page(2, [100], bytes => bytes.writeUInt32LE(5_000, 124))],
    ['large data without a place', page(2, [4_060], bytes => bytes.writeUInt16LE(1, 4_088))],
    [
      'large data on a page that is not there',
      page(2, [100], bytes => {
        bytes.writeUInt32LE(90_000, 124)
        bytes.writeUInt16LE(1, 128)
      }),
    ],
    ['more nodes than fit', page(2, [], bytes => bytes.writeUInt16LE(0xfffe, 20))],
  ]
  for (const [name, bytes] of rows) {
    const read = (at: number) => (at === 5 ? bytes : Buffer.alloc(0))
    t.equal(allFree({ pageBytes, read }, 5n, 10, 12), false, name)
  }
  t.equal(allFree({ pageBytes, read: () => Buffer.alloc(0) }, 5n, 10, 2 ** 40), false, 'too many to look for')
})

t.test('setAside() keeps the newest damaged index and one older', async t => {
  const directory = t.testdir()
  for (let round = 1; round <= 4; round++) {
    mkdirSync(join(directory, 'index'))
    writeFileSync(dataOf(directory), String(round))
    t.equal(setAside(directory), join(directory, `index.damaged-${round}`))
    t.notOk(existsSync(join(directory, 'index')))
  }
  t.strictSame(readdirSync(directory).sort(), ['index.damaged-3', 'index.damaged-4'])
  t.equal(readFileSync(join(directory, 'index.damaged-4', 'data.mdb'), 'latin1'), '4')
})

t.test('an index that inspectIndex() calls sound opens and reads', async t => {
  const directory = await filled(t, 5)
  t.strictSame(inspectIndex(directory), { state: 'sound' })
  const store = openLmdbStore({ directory, bytesMax, writeQueueBytesMax: bytesMax, log: () => {} })
  t.equal(faultOf('k4', store.get('k4')), '')
  await store.close()
})
