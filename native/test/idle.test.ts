import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { needsAddon } from './support/addon.js'

/** Field 41 of /proc/PID/task/TID/stat (proc(5)). */
const readPolicy = `(text => Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[38]))(
  readFileSync('/proc/thread-self/stat', 'latin1'))`

const program = `
  import { readFileSync } from 'node:fs'
  import { parentPort } from 'node:worker_threads'
  import { runWhenIdle } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)}
  const before = ${readPolicy}
  const isDone = runWhenIdle()
  parentPort.postMessage({ before, isDone, after: ${readPolicy} })`

function policy(): number {
  const text = readFileSync('/proc/thread-self/stat', 'latin1')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[38])
}

t.test('runWhenIdle() is of its own thread only', needsAddon, async t => {
  const before = policy()
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`))
  const told = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  t.strictSame(told, { before, isDone: true, after: 5 }, 'SCHED_IDLE')
  t.equal(policy(), before)
})
