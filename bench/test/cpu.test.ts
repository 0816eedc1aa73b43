import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { clockTicksPerSecond, parseStatTicks, processTree, readTicks, sumOf } from '../cpu.js'

t.test('parseStatTicks() sums own and reaped time, whatever the program is called', async t => {
  const rest = 'S 1 1 1 0 -1 4194560 100 200 0 0 7 5 30 400 20 0 1 0 100 1000 10'
  t.strictSame(parseStatTicks(`42 (node) ${rest}`), { user: 37, system: 405 })
  t.equal(sumOf(parseStatTicks(`42 (a) b (c d)) ${rest}`)), 442)
})

t.test('clockTicksPerSecond() is what the system says', async t => {
  t.ok(clockTicksPerSecond() >= 1)
})

t.test('processTree() holds a process and its descendants, gone ones left out', async t => {
  const child = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => child.kill())
  const [output] = await once(child.stdout!, 'data')
  const grandchild = Number(String(output))
  t.strictSame(processTree(child.pid!), [child.pid, grandchild])
  t.ok(processTree(process.pid).includes(grandchild))
  process.kill(grandchild)
  await once(child, 'close')
  t.strictSame(processTree(child.pid!), [child.pid])
})

t.test('readTicks() counts time used, also that of children that have ended', async t => {
  const before = sumOf(readTicks([process.pid]))
  const child = spawn('/bin/sh', ['-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'])
  await once(child, 'exit')
  t.ok(sumOf(readTicks([process.pid])) > before)
})

t.test('readTicks() refuses to sum over a process that is gone', async t => {
  const child = spawn('/bin/true')
  await once(child, 'exit')
  t.throws(() => readTicks([child.pid!]), { message: /ended while it was measured/, exitCode: 1 })
})
