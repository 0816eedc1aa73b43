import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { giveWay, runWhenIdle } from '../index.js'
import { needsAddon } from './support/addon.js'
import { threadsOf, turnNsOf } from './support/threads.js'

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

/** A thread that says its number and waits. */
const waiting = `
  import { readlinkSync } from 'node:fs'
  import { parentPort } from 'node:worker_threads'
  parentPort.postMessage(readlinkSync('/proc/thread-self').split('/').at(-1))
  parentPort.once('message', () => process.exit())`

t.test('runWhenIdle() is of another thread, too, when there is such a one', needsAddon, async t => {
  const before = policy()
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(waiting)}`))
  const thread = await new Promise<string>((resolve, reject) =>
    worker.once('message', resolve).once('error', reject),
  )
  const policyOf = () => threadsOf().get(Number(thread))?.policy
  t.equal(policyOf(), before)
  t.ok(runWhenIdle(Number(thread)))
  t.equal(policyOf(), 5, 'SCHED_IDLE')
  t.equal(policy(), before)
  worker.postMessage('end')
  await new Promise(resolve => worker.once('exit', resolve))
  t.notOk(runWhenIdle(2 ** 31 - 1), 'nobody has this number')
})

t.test('giveWay() is of all threads, and what they get stays', needsAddon, async t => {
  const before = threadsOf()
  const turnsBefore = new Map([...before.keys()].map(thread => [thread, turnNsOf(thread)]))
  t.ok(giveWay())
  // Threads of the pools come and go.
  const after = [...threadsOf()].filter(([thread]) => before.has(thread))
  t.ok(after.some(([thread]) => thread === process.pid))
  for (const [thread, { name, policy, niceness }] of after) {
    t.equal(policy, 3, `${name}: SCHED_BATCH`)
    t.equal(niceness, before.get(thread)?.niceness)
    // Linux before 6.12 does not say it, or has them all of one length.
    const turnNs = turnNsOf(thread)
    if (turnNs !== undefined) t.ok(turnNs >= turnsBefore.get(thread)!)
  }
})
