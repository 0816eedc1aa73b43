import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { type Addon, addonFile, load, loaded, requireAddon } from '../addon.js'
import { has, needsAddon } from './support/addon.js'

/** What is expected of an error that carries a code. */
type Failure = { code: string; [key: string]: unknown }

t.test('the addon is there wherever it can be built', async t => {
  if (loaded.addon === undefined) {
    t.notOk(process.platform === 'linux' && has('g++') && has('make') && has('python3'), loaded.why)
    return
  }
  t.equal(loaded.addon.interfaceVersion, 5)
  t.match(loaded.addon.compiler, /\d/)
})

t.test('load() says why an addon is absent', async t => {
  const directory = t.testdir({
    'text.node': 'no ELF',
    'old.cjs': 'module.exports = { interfaceVersion: 0 }',
  })
  t.match(load(`${directory}/nothing.node`), { addon: undefined, why: /nothing\.node was not built$/ })
  t.match(load(`${directory}/text.node`), { addon: undefined, why: /text\.node cannot be loaded: / })
  t.match(load(`${directory}/old.cjs`), { addon: undefined, why: /old\.cjs was built from other sources$/ })
})

t.test('every function refuses wrong arguments with an exception', needsAddon, async t => {
  const addon = requireAddon()
  const file = `${t.testdir()}/file`
  writeFileSync(file, 'x'.repeat(100))
  const fd = openSync(file, 'r+')
  t.teardown(() => closeSync(fd))
  const eight = new Uint8Array(8)
  const detached = new Uint8Array(8)
  structuredClone(detached, { transfer: [detached.buffer] })
  const closed = { code: 'EBADF', errno: -9 }

  const wrong: [keyof Addon, unknown[], TypeErrorConstructor | RangeErrorConstructor | Failure][] = [
    ['map', [], TypeError],
    ['map', ['1', 100], TypeError],
    ['map', [-1, 100], RangeError],
    ['map', [2 ** 31, 100], RangeError],
    ['map', [0.5, 100], RangeError],
    ['map', [fd], TypeError],
    ['map', [fd, 0], RangeError],
    ['map', [fd, -1], RangeError],
    ['map', [fd, Number.NaN], RangeError],
    ['map', [fd, Number.POSITIVE_INFINITY], RangeError],
    ['map', [fd, 2 ** 32 + 1], RangeError],
    ['map', [fd, 100n], TypeError],
    ['map', [fd, 99], { code: 'wrong-length', message: 'the file has 100 bytes, expected 99' }],
    ['map', [fd, 2 ** 32], { code: 'wrong-length' }],
    ['map', [2 ** 31 - 1, 100], { ...closed, syscall: 'fstat' }],
    ['unmap', [], TypeError],
    ['unmap', [null], TypeError],
    ['unmap', [{}], TypeError],
    ['unmap', [eight], TypeError],
    ['unmap', [new ArrayBuffer(8)], TypeError],
    ['flock', [], TypeError],
    ['flock', [fd, 'exclusive'], TypeError],
    ['flock', [fd, -1], RangeError],
    ['flock', [fd, 3], RangeError],
    ['flock', [2 ** 31 - 1, 1], { ...closed, syscall: 'flock' }],
    ['readNow', [], TypeError],
    ['readNow', [fd, undefined, 0, 1, 0], TypeError],
    ['readNow', [fd, 'text', 0, 1, 0], TypeError],
    ['readNow', [fd, new ArrayBuffer(8), 0, 1, 0], TypeError],
    ['readNow', [fd, new DataView(new ArrayBuffer(8)), 0, 1, 0], TypeError],
    ['readNow', [fd, new Int32Array(8), 0, 1, 0], TypeError],
    ['readNow', [fd, eight, -1, 1, 0], RangeError],
    ['readNow', [fd, eight, 9, 0, 0], RangeError],
    ['readNow', [fd, eight, 0, -1, 0], RangeError],
    ['readNow', [fd, eight, 0, 9, 0], RangeError],
    ['readNow', [fd, eight, 8, 1, 0], RangeError],
    ['readNow', [fd, eight, 4, 5, 0], RangeError],
    ['readNow', [fd, eight, 0, 2 ** 53, 0], RangeError],
    ['readNow', [fd, detached, 0, 1, 0], RangeError],
    ['readNow', [fd, eight, 0, 8, -1], RangeError],
    ['readNow', [fd, eight, 0, 8, 2 ** 53], RangeError],
    ['readNow', [fd, eight, 0, 8, null], TypeError],
    ['readNow', [2 ** 31 - 1, eight, 0, 8, 0], { ...closed, syscall: 'preadv2' }],
    ['allocate', [], TypeError],
    ['allocate', [fd, -1, 1, false], RangeError],
    ['allocate', [fd, 0, 0, false], RangeError],
    ['allocate', [fd, 0, 2 ** 53, false], RangeError],
    ['allocate', [fd, 0, 1, 0], TypeError],
    ['allocate', [2 ** 31 - 1, 0, 1, false], { ...closed, syscall: 'fallocate' }],
    ['listenOn', [], TypeError],
    ['listenOn', ['127.0.0.1', 65_536], RangeError],
    ['listenOn', ['1'.repeat(46), 1], RangeError],
    ['listenOn', ['localhost', 0], { code: 'EINVAL' }],
    ['listenOn', ['192.0.2.1', 0], { code: 'EADDRNOTAVAIL', syscall: 'bind' }],
    ['notify', [], TypeError],
    ['notify', ['/x'], TypeError],
    ['notify', ['', 'x'], RangeError],
    ['notify', ['/'.repeat(108), 'x'], RangeError],
    ['notify', ['/x\0y', 'x'], RangeError],
    ['notify', ['/x', ''], RangeError],
    ['notify', ['/x', 'x'.repeat(4097)], RangeError],
    ['notify', ['/dev/null', 'x'], { code: 'ECONNREFUSED', syscall: 'sendto' }],
    ['notify', ['/absent/notify', 'x'], { code: 'ENOENT', syscall: 'sendto' }],
  ]
  for (const [name, words, expected] of wrong) {
    const call = addon[name] as (...words: unknown[]) => unknown
    const promise = `${name}(${words.map(word => inspect(word, { depth: 0, maxStringLength: 9 })).join(', ')})`
    if (typeof expected === 'function') t.throws(() => call(...words), expected, promise)
    else t.throws(() => call(...words), expected, promise)
  }
})

t.test('a map argument that is no file is refused', needsAddon, async t => {
  const fd = openSync('/dev/null', 'r+')
  t.teardown(() => closeSync(fd))
  t.throws(() => requireAddon().map(fd, 4096), { code: 'not-a-file' })
})

t.test('a thread may load it, and end or be ended while it maps', needsAddon, async t => {
  const file = `${t.testdir()}/file`
  writeFileSync(file, new Uint8Array(4096))
  const program = `
    const { parentPort, workerData: { addonFile, file, stays } } = require('node:worker_threads')
    const kept = globalThis.kept = require(addonFile).map(require('node:fs').openSync(file, 'r+'), 4096)
    new Int32Array(kept)[0]++
    if (stays) setInterval(() => {}, 1000)
    parentPort.postMessage('mapped')`
  for (const stays of [true, false, true]) {
    const worker = new Worker(program, { eval: true, execArgv: [], workerData: { addonFile, file, stays } })
    const exit = once(worker, 'exit')
    await once(worker, 'message')
    if (stays) await worker.terminate()
    await exit
    t.notOk(readFileSync('/proc/self/maps', 'latin1').includes(file), 'its memory was given back')
  }
  t.equal(readFileSync(file).readInt32LE(0), 3)
})
