// A scenario from start to result: start the peers, verify them, warm up, measure in interleaved rounds, sum up.
// Which peers and which load is decided by run-scenarios.ts; printing is left to report.ts.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Holdings, holdingsOf } from './holdings.js'
import type { Latency, Load, LoadOptions } from './load.js'
import { loopLagMs } from './loop-lag.js'
import { measure, type Sample } from './measure.js'
import type { Peer } from './peers/peer.js'
import { Problem } from './problem.js'
import type { Processes } from './processes.js'
import { packageRoot } from './root.js'
import type { Case, Scenario } from './scenarios/scenario.js'
import { isWithin, median, pairedRatios, type Spread, spreadOf } from './statistics.js'
import { syscallsPerRequest } from './syscalls.js'
import { verify } from './verify.js'

export interface CompareOptions {
  /** The first is the subject; each of the others is compared with it. */
  peers: readonly Peer[]
  originUrl: string
  /** For what the load reads. */
  directory: string
  load: Load
  processes: Processes
  /** Rounds go on from the first number to the second until every ratio is known well enough. */
  rounds: number
  roundsMax: number
  secondsPerRound: number
  ticksPerSecond: number
  /** Whether system calls are counted in one more round. */
  countsSyscalls?: boolean
  /** Told about each step, for the terminal. */
  say: (text: string) => void
}

export interface PeerResult {
  peer: string
  /** Medians of the samples. */
  cpuMicrosecondsPerRequest: number
  requestsPerSecond: number
  samples: Sample[]
  /** At the end of the case. */
  holdings?: Holdings | undefined
  /** Of an edge: 99% of the looks at its event loop since it started were no later. */
  loopLagMs?: number | undefined
  /** By the name of the call. */
  syscallsPerRequest?: Record<string, number> | undefined
}

export interface Comparison {
  peer: string
  /** The subject's CPU per request over the peer's, of the paired rounds. */
  ratio: Spread
}

export interface CaseResult {
  case: string
  bodyBytes: number
  connections: number
  /** Medians and samples, the subject's first. */
  peers: PeerResult[]
  comparisons: Comparison[]
}

export interface ScenarioResult {
  scenario: string
  summary: string
  cases: CaseResult[]
  /** What each peer ran with. */
  configurations: Record<string, string>
  /** Sentences on samples that are not to be trusted and on peers that were left out; empty in a good run. */
  faults: string[]
}

/** How far the ends of the 95% interval may be from the median, as a part of it. */
export const INTERVAL_PART_MAX = 0.03

/** Stops the peers whatever happens. A peer that does not start or answers wrongly is left out, and that is said. */
export async function compare(scenario: Scenario, options: CompareOptions): Promise<ScenarioResult> {
  const { peers } = options
  const faults: string[] = []
  try {
    const ready: Peer[] = []
    for (const peer of peers) {
      const fault = await faultInStart(peer, scenario, options)
      if (fault === undefined) ready.push(peer)
      else faults.push(`${scenario.name}: ${peer.name} is left out: ${fault}`)
    }
    const cases: CaseResult[] = []
    // Without the one that all are compared with there is nothing to say.
    const asked = ready[0] === peers[0] ? scenario.cases : []
    for (const item of asked) cases.push(await compareCase(scenario, item, { ...options, peers: ready }))
    return {
      scenario: scenario.name,
      summary: scenario.summary,
      cases,
      configurations: Object.fromEntries(ready.map(peer => [peer.name, peer.configuration])),
      faults: [...faults, ...cases.flatMap(result => faultsOf(scenario.name, result))],
    }
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
  }
}

/** Brings the peer to where it is measured; gives why it does not get there, and stops it then. */
async function faultInStart(
  peer: Peer,
  scenario: Scenario,
  options: CompareOptions,
): Promise<string | undefined> {
  try {
    await peer.start()
    const prepared = new Set<unknown>()
    for (const item of scenario.cases) {
      await verify(peer, scenario, item, options.originUrl)
      const { mixture } = item
      if (mixture === undefined || prepared.has(mixture.prepare)) continue
      prepared.add(mixture.prepare)
      options.say(`${scenario.name} ${item.name}: ${peer.name} is filled`)
      await mixture.prepare(peer.url)
    }
    return undefined
  } catch (error) {
    if (!(error instanceof Problem) || options.processes.isStopping) throw error
    await peer.stop()
    return error.message
  }
}

/** Round 0 warms up and is not counted; the order turns around every round, so that no peer is always first. */
async function compareCase(scenario: Scenario, item: Case, options: CompareOptions): Promise<CaseResult> {
  const { peers, rounds, roundsMax, say } = options
  const samples = new Map<string, Sample[]>(peers.map(peer => [peer.name, []]))
  const loadFor = await prepareLoad(item, options)
  for (let round = 0; round <= roundsMax; round++) {
    if (round > rounds && sumUp(item, samples).comparisons.every(({ ratio }) => isKnown(ratio))) break
    const which = round === 0 ? 'warm-up' : `round ${round} of ${Math.max(round, rounds)}`
    say(`${scenario.name} ${item.name}: ${which}`)
    const order = round % 2 === 0 ? peers : [...peers].reverse()
    for (const peer of order) {
      const sample = await measure(peer, options.load, loadFor(peer, round), options.ticksPerSecond)
      if (round > 0) samples.get(peer.name)!.push(sample)
    }
  }
  const result = sumUp(item, samples)
  for (const [at, peer] of peers.entries()) {
    const found = result.peers[at]!
    found.holdings = holdingsOf(peer)
    found.loopLagMs = await loopLagMs(peer)
    if (!options.countsSyscalls) continue
    const load = loadFor(peer, roundsMax + 1)
    found.syscallsPerRequest = await syscallsPerRequest(peer, options.load, load, options.processes)
  }
  return result
}

/** Whether its interval is as narrow as is wanted. */
export function isKnown({ median: ratio, interval }: Pick<Spread, 'median' | 'interval'>): boolean {
  return isWithin(interval, ratio, INTERVAL_PART_MAX)
}

type LoadFor = (peer: Peer, round: number) => LoadOptions

/** What the load generator is told, for each peer in each round. */
async function prepareLoad(item: Case, { directory, secondsPerRound }: CompareOptions): Promise<LoadFor> {
  const { target, connections, isClosing } = item
  const moreFor = await prepareRequests(item, directory)
  return (peer, round) => ({
    url: peer.url + target,
    connections,
    seconds: secondsPerRound,
    ...(isClosing && { isClosing }),
    ...moreFor(round),
  })
}

async function prepareRequests(
  { mixture, requestBytes }: Case,
  directory: string,
): Promise<(round: number) => Pick<LoadOptions, 'script' | 'mixture'>> {
  if (requestBytes !== undefined) {
    const script = { file: join(packageRoot(), 'bench/upload.lua'), arguments: [`${requestBytes}`] }
    return () => ({ script })
  }
  if (mixture === undefined) return () => ({})
  const file = join(directory, 'requests.txt')
  await writeFile(file, `${mixture.lines().join('\n')}\n`)
  return run => ({ mixture: { file, run } })
}

/** The medians of each peer, and the first one's ratio to each of the others. */
export function sumUp(item: Case, samples: ReadonlyMap<string, Sample[]>): CaseResult {
  const peers = [...samples].map(([peer, list]) => ({
    peer,
    cpuMicrosecondsPerRequest: median(list.map(sample => sample.cpuMicrosecondsPerRequest)),
    requestsPerSecond: median(list.map(sample => sample.requestsPerSecond)),
    samples: list,
  }))
  const [subject, ...others] = peers
  const comparisons = others.map(other => compareSamples(subject!, other))
  return { case: item.name, bodyBytes: item.bodyBytes, connections: item.connections, peers, comparisons }
}

function compareSamples(subject: PeerResult, other: PeerResult): Comparison {
  const [over, under] = [subject, other].map(result =>
    result.samples.map(sample => sample.cpuMicrosecondsPerRequest),
  )
  return { peer: other.peer, ratio: spreadOf(pairedRatios(over!, under!)) }
}

/** Of the rounds, the median of each percentile. */
export function latencyOf({ samples }: PeerResult): Latency | undefined {
  const all = samples.flatMap(({ latency }) => (latency === undefined ? [] : [latency]))
  if (all.length === 0) return undefined
  const of = (name: keyof Latency) => median(all.map(latency => latency[name]))
  return { p50: of('p50'), p99: of('p99'), p999: of('p999') }
}

/** A sentence for each peer whose samples hold failures or changed processes. */
export function faultsOf(scenario: string, result: CaseResult): string[] {
  return result.peers.flatMap(({ peer, samples }) => {
    const failures = samples.reduce((sum, sample) => sum + sample.failures, 0)
    const changed = samples.filter(sample => sample.processesChanged).length
    const silent = samples.filter(sample => sample.requests === 0).length
    const where = `${scenario} ${result.case}, ${peer}`
    return [
      ...(failures > 0 ? [`${where}: ${failures} errors or answers that are not 2xx or 3xx`] : []),
      ...(changed > 0 ? [`${where}: its processes changed in ${changed} rounds`] : []),
      ...(silent > 0 ? [`${where}: no answer at all in ${silent} rounds`] : []),
    ]
  })
}
