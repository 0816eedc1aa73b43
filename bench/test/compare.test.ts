import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { compare, faultsOf, latencyOf, sumUp } from '../compare.js'
import type { Load } from '../load.js'
import type { Sample } from '../measure.js'
import type { Peer } from '../peers/peer.js'
import { Problem } from '../problem.js'
import { Processes } from '../processes.js'
import type { Scenario } from '../scenarios/scenario.js'
import { listenOn } from './support/servers.js'

const scenario: Scenario = {
  name: 'hit',
  summary: 'for the test',
  cases: [{ name: '2 B', target: '/', bodyBytes: 2, connections: 1 }],
  objection: () => undefined,
}

async function serve(t: Test, body: string): Promise<string> {
  return `http://127.0.0.1:${await listenOn(
    t,
    createServer((_, response) => response.end(body)),
  )}`
}

function peerAt(name: string, url: string, events: string[]): Peer {
  const note = (what: string) => async () => void events.push(`${name} ${what}`)
  return {
    name,
    url,
    configuration: `of ${name}`,
    directory: '/nowhere',
    start: note('starts'),
    pids: () => [process.pid],
    stop: note('stops'),
  }
}

const tenAnswers: Load = async () => ({ requests: 10, socketErrors: 0, badAnswers: 0, requestsPerSecond: 10 })

function once(t: Test, peers: readonly Peer[]) {
  return {
    peers,
    processes: new Processes(),
    rounds: 1,
    roundsMax: 1,
    secondsPerRound: 1,
    ticksPerSecond: 100,
    directory: t.testdir(),
    say: () => {},
  }
}

function sample(cpuMicrosecondsPerRequest: number, more: Partial<Sample> = {}): Sample {
  const usual = {
    requests: 10,
    requestsPerSecond: 5,
    systemMicrosecondsPerRequest: 0,
    failures: 0,
    processesChanged: false,
  }
  return { cpuMicrosecondsPerRequest, ...usual, ...more }
}

t.test('compare() interleaves the peers, turns the order around and does not count the warm-up', async t => {
  const events: string[] = []
  const originUrl = await serve(t, 'ok')
  const peers = [
    peerAt('first', await serve(t, 'ok'), events),
    peerAt('second', await serve(t, 'ok'), events),
  ]
  const load: Load = async ({ url }) => {
    events.push(peers.find(peer => url.startsWith(peer.url))!.name)
    return { requests: 10, socketErrors: 0, badAnswers: 0, requestsPerSecond: 10 }
  }
  const said: string[] = []
  const result = await compare(scenario, {
    peers,
    originUrl,
    load,
    rounds: 2,
    roundsMax: 2,
    processes: new Processes(),
    secondsPerRound: 1,
    ticksPerSecond: 100,
    directory: t.testdir(),
    say: text => said.push(text),
  })
  t.strictSame(events.slice(0, 2), ['first starts', 'second starts'])
  t.strictSame(events.slice(2, 8), ['first', 'second', 'second', 'first', 'first', 'second'])
  t.strictSame(events.slice(8), ['first stops', 'second stops'])
  t.strictSame(said, ['hit 2 B: warm-up', 'hit 2 B: round 1 of 2', 'hit 2 B: round 2 of 2'])
  t.strictSame(result.configurations, { first: 'of first', second: 'of second' })
  t.equal(result.cases[0]!.peers[0]!.samples.length, 2)
  t.strictSame(result.faults, [])
})

t.test(
  'compare() gives the load the requests of a mixture, other ones each round, and the body of a POST',
  async t => {
    const url = await serve(t, 'ok')
    const filled: string[] = []
    const mixture = {
      lines: () => ['/a', '/b\tRange: x'],
      prepare: async (url: string) => void filled.push(url),
    }
    const scripts: unknown[] = []
    const load: Load = async ({ script, mixture }) => {
      scripts.push(mixture ?? [script!.file.replace(/.*\//, ''), ...script!.arguments])
      return { requests: 10, socketErrors: 0, badAnswers: 0, requestsPerSecond: 10 }
    }
    const directory = t.testdir()
    const [item] = scenario.cases
    const cases = [
      { ...item!, mixture },
      { ...item!, name: 'post', requestBytes: 7 },
    ]
    await compare(
      { ...scenario, cases },
      {
        peers: [peerAt('first', url, [])],
        originUrl: url,
        directory,
        load,
        rounds: 1,
        roundsMax: 1,
        processes: new Processes(),
        secondsPerRound: 1,
        ticksPerSecond: 100,
        say: () => {},
      },
    )
    const file = `${directory}/requests.txt`
    t.strictSame(scripts, [{ file, run: 0 }, { file, run: 1 }, ['upload.lua', '7'], ['upload.lua', '7']])
    t.equal(readFileSync(file, 'utf8'), '/a\n/b\tRange: x\n')
    t.strictSame(filled, [url])
  },
)

t.test('compare() leaves out a peer that is wrong or does not start, and measures the others', async t => {
  const events: string[] = []
  const url = await serve(t, 'ok')
  const absent = { ...peerAt('absent', url, events), start: () => Promise.reject(new Problem('port in use')) }
  const peers = [
    peerAt('right', url, events),
    absent,
    peerAt('wrong', await serve(t, 'no'), events),
    peerAt('other', url, events),
  ]
  const result = await compare(scenario, { ...once(t, peers), originUrl: url, load: tenAnswers })
  t.strictSame(
    result.cases[0]!.peers.map(({ peer }) => peer),
    ['right', 'other'],
  )
  t.strictSame(result.faults, [
    'hit: absent is left out: port in use',
    "hit: wrong is left out: wrong, hit 2 B: the answer has other bytes than the origin's (2 against 2)",
  ])
  t.strictSame(
    new Set(events.slice(-4)),
    new Set(['right stops', 'absent stops', 'wrong stops', 'other stops']),
  )
})

t.test('compare() measures nothing without its subject', async t => {
  const peers = [peerAt('wrong', await serve(t, 'no'), []), peerAt('right', await serve(t, 'ok'), [])]
  const originUrl = await serve(t, 'ok')
  const load: Load = async () => t.fail('measured') as never
  const { cases, faults } = await compare(scenario, { ...once(t, peers), originUrl, load })
  t.strictSame([cases, faults.length], [[], 1])
})

t.test('compare() goes on until the ratio is known, or as long as it may', async t => {
  const url = await serve(t, 'ok')
  const options = { ...once(t, [peerAt('a', url, []), peerAt('b', url, [])]), originUrl: url, rounds: 6 }
  for (const [roundsMax, jitter, expected] of [
    [8, 0, 6],
    [8, 1, 8],
  ] as const) {
    let asked = 0
    // One that burns more of this process, whose time is that of both, in every second answer.
    const load: Load = async () => {
      asked += 1
      const spent = process.cpuUsage()
      const micros = 30_000 * (1 + jitter * (asked % 3))
      for (let used = 0; used < micros; ) {
        const { user, system } = process.cpuUsage(spent)
        used = user + system
      }
      return { requests: 1, socketErrors: 0, badAnswers: 0, requestsPerSecond: 10 }
    }
    const result = await compare(scenario, { ...options, roundsMax, load, ticksPerSecond: 100 })
    const count = result.cases[0]!.peers[0]!.samples.length
    if (jitter === 1) t.equal(count, expected)
    else t.ok(count >= expected && count <= roundsMax, `${count}`)
  }
})

t.test('sumUp() gives medians, and the ratio of paired rounds with its bar', async t => {
  const samples = new Map([
    ['first', [sample(10), sample(30), sample(20)]],
    ['second', [sample(20), sample(30), sample(10)]],
    ['third', [sample(10), sample(10), sample(10)]],
  ])
  const result = sumUp(scenario.cases[0]!, samples)
  t.strictSame(
    result.peers.map(peer => peer.cpuMicrosecondsPerRequest),
    [20, 20, 10],
  )
  t.match(result.comparisons, [
    { peer: 'second', ratio: { median: 1, min: 0.5, max: 2 } },
    { peer: 'third', ratio: { median: 2 } },
  ])
})

t.test('faultsOf() names samples that are not to be trusted', async t => {
  const bad = [sample(1, { failures: 2 }), sample(1, { processesChanged: true }), sample(1, { requests: 0 })]
  const result = sumUp(scenario.cases[0]!, new Map([['first', bad]]))
  t.strictSame(faultsOf('hit', result), [
    'hit 2 B, first: 2 errors or answers that are not 2xx or 3xx',
    'hit 2 B, first: its processes changed in 1 rounds',
    'hit 2 B, first: no answer at all in 1 rounds',
  ])
})

t.test('latencyOf() is the median of each percentile, where it is known', async t => {
  const latency = (ms: number) => ({ p50: ms, p99: 2 * ms, p999: 3 * ms })
  const samples = [1, 3, 2].map(ms => sample(1, { latency: latency(ms) }))
  const [result] = sumUp(scenario.cases[0]!, new Map([['a', [...samples, sample(1)]]])).peers
  t.strictSame(latencyOf(result!), latency(2))
  t.equal(latencyOf({ ...result!, samples: [sample(1)] }), undefined)
})
