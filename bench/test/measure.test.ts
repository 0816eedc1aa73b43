import t from 'tap'
import type { LoadResult } from '../load.js'
import { measure } from '../measure.js'
import type { Peer } from '../peers/peer.js'

const options = { url: 'http://127.0.0.1:1/', connections: 1, seconds: 1 }
const result: LoadResult = { requests: 100, socketErrors: 1, badAnswers: 2, requestsPerSecond: 50 }

function peerOf(pids: () => number[]): Peer {
  return {
    name: 'peer',
    url: '',
    configuration: '',
    directory: '',
    start: async () => {},
    pids,
    stop: async () => {},
  }
}

/** Keeps the processor busy for longer than a few clock ticks. */
async function work(): Promise<LoadResult> {
  const start = process.cpuUsage()
  while (process.cpuUsage(start).user < 60_000) Math.sqrt(start.user)
  return result
}

t.test('measure() divides the CPU time of the peer by the requests', async t => {
  const sample = await measure(
    peerOf(() => [process.pid]),
    work,
    options,
    100,
  )
  t.match(sample, { requests: 100, requestsPerSecond: 50, failures: 3, processesChanged: false })
  t.ok(sample.systemMicrosecondsPerRequest <= sample.cpuMicrosecondsPerRequest)
  t.ok(sample.cpuMicrosecondsPerRequest >= 400, `${sample.cpuMicrosecondsPerRequest}`)
  t.ok(sample.cpuMicrosecondsPerRequest < 10_000, `${sample.cpuMicrosecondsPerRequest}`)
})

t.test('measure() says when processes came or went', async t => {
  const lists = [[process.pid], [process.pid, process.ppid]]
  const sample = await measure(
    peerOf(() => lists.shift()!),
    async () => result,
    options,
    100,
  )
  t.equal(sample.processesChanged, true)
})
