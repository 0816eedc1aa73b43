import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { giveWay, runWhenIdle } from '../index.js'
import { needsAddon } from './support/addon.js'

/** Field 41 of /proc/PID/task/TID/stat (proc(5)). */
const readPolicy = `(text => Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[38]))(
  readFileSync('/proc/thread-self/stat', 'latin1'))`

const program = `
  import { existsSync, readdirSync, readFileSync } from 'node:fs'
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
  const policyOf = () => {
    const text = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[38])
  }
  t.equal(policyOf(), before)
  t.ok(runWhenIdle(Number(thread)))
  t.equal(policyOf(), 5, 'SCHED_IDLE')
  t.equal(policy(), before)
  worker.postMessage('end')
  await new Promise(resolve => worker.once('exit', resolve))
  t.notOk(runWhenIdle(2 ** 31 - 1), 'nobody has this number')
})

/** Of each thread of this process: policy, niceness, and the length of its turns (ns) where the kernel says it. */
function turns(): { policy: number; niceness: number; ns: number | undefined }[] {
  return readdirSync('/proc/self/task').map(thread => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const sched = `/proc/self/task/${thread}/sched`
    const said = existsSync(sched) ? /^se\.slice\s*:\s*(\d+)/m.exec(readFileSync(sched, 'latin1')) : null
    const ns = said === null ? undefined : Number(said[1])
    return { policy: Number(fields[38]), niceness: Number(fields[16]), ns }
  })
}

t.test('giveWay() is of all threads, and what they get stays', needsAddon, async t => {
  const before = turns()
  t.ok(giveWay())
  const after = turns()
  t.ok(after.length >= before.length)
  t.strictSame(new Set(after.map(({ policy }) => policy)), new Set([3]), 'SCHED_BATCH')
  t.strictSame(
    after.slice(0, before.length).map(({ niceness }) => niceness),
    before.map(({ niceness }) => niceness),
  )
  // Linux before 6.12 has them all of one length.
  const lengths = new Set(after.map(({ ns }) => ns))
  t.equal(lengths.size, 1)
  if (before.some(({ ns }) => ns !== undefined)) t.ok([...lengths][0]! >= before[0]!.ns!)
})
