// Two processes and one file: the promise on which all shared state stands.
import { statSync } from 'node:fs'
import t from 'tap'
import { map } from '../map.js'
import { needsAddon, runOther } from './support/addon.js'

const bytes = 4096
const rounds = 200_000

// Words of the file: 0 start, 1 and 2 counters; the wide counter is at byte 64.
const other = `
  const view = addon.map(require('node:fs').openSync(words[0], 'r+'), ${bytes})
  const narrow = new Int32Array(view), wide = new BigInt64Array(view)
  console.log('ready')
  while (Atomics.load(narrow, 0) === 0);
  for (let i = 0; i < ${rounds}; i++) {
    Atomics.add(narrow, 1, 1)
    Atomics.add(wide, 8, 0x1_0000_0001n)
    for (let old = Atomics.load(narrow, 2); ; ) {
      const seen = Atomics.compareExchange(narrow, 2, old, old + 3)
      if (seen === old) break
      old = seen
    }
  }
  console.log('done')
  setInterval(() => {}, 1000)
`

function count(narrow: Int32Array, wide: BigInt64Array): void {
  for (let i = 0; i < rounds; i++) {
    Atomics.add(narrow, 1, 1)
    Atomics.add(wide, 8, 0x1_0000_0001n)
    for (let old = Atomics.load(narrow, 2); ; ) {
      const seen = Atomics.compareExchange(narrow, 2, old, old + 3)
      if (seen === old) break
      old = seen
    }
  }
}

t.test('no atomic write of two processes is lost, and a kill takes none back', needsAddon, async t => {
  const path = `${t.testdir()}/zone`
  const buffer = map(path, bytes, { create: true })
  const narrow = new Int32Array(buffer)
  const wide = new BigInt64Array(buffer)
  const { process: child, line, exit } = runOther(t, other, [path])
  t.equal(await line(), 'ready')
  Atomics.store(narrow, 0, 1)
  count(narrow, wide)
  t.equal(await line(), 'done')
  child.kill('SIGKILL')
  await exit
  t.equal(Atomics.load(narrow, 1), 2 * rounds)
  t.equal(Atomics.load(narrow, 2), 6 * rounds)
  t.equal(Atomics.load(wide, 8), BigInt(2 * rounds) * 0x1_0000_0001n)
  t.equal(statSync(path).size, bytes)
})
