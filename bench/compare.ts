// A scenario from start to result: start the peers, verify them, warm up, measure in interleaved rounds, sum up.
// Which peers and which load is decided by main.ts; printing is left to report.ts.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Load, Script } from './load.js'
import { measure, type Sample } from './measure.js'
import type { Peer } from './peers/peer.js'
import { packageRoot } from './root.js'
import type { Bar, Case, Scenario } from './scenarios/scenario.js'
import { median, pairedRatios, type Spread, spreadOf } from './statistics.js'
import { verify } from './verify.js'

export interface CompareOptions {
  /** The first is the subject; each of the others is compared with it. */
  peers: readonly Peer[]
  originUrl: string
  /** For what the load reads. */
  directory: string
  load: Load
  rounds: number
  secondsPerRound: number
  ticksPerSecond: number
  /** Told about each step, for the terminal. */
  say: (text: string) => void
}

export interface PeerResult {
  peer: string
  cpuMicrosecondsPerRequest: number
  requestsPerSecond: number
  samples: Sample[]
}

export interface Comparison {
  peer: string
  /** The subject's CPU per request over the peer's, of the paired rounds. */
  ratio: Spread
  bar?: Bar
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
  /** Sentences on samples that are not to be trusted; empty in a good run. */
  faults: string[]
}

/** Stops the peers whatever happens; throws a Problem when one does not start or answers wrongly. */
export async function compare(scenario: Scenario, options: CompareOptions): Promise<ScenarioResult> {
  const { peers } = options
  try {
    for (const peer of peers) await peer.start()
    for (const item of scenario.cases) {
      for (const peer of peers) {
        await verify(peer, scenario, item, options.originUrl)
        if (item.mixture === undefined) continue
        options.say(`${scenario.name} ${item.name}: ${peer.name} is filled`)
        await item.mixture.prepare(peer.url)
      }
    }
    const cases: CaseResult[] = []
    for (const item of scenario.cases) cases.push(await compareCase(scenario, item, options))
    return {
      scenario: scenario.name,
      summary: scenario.summary,
      cases,
      configurations: Object.fromEntries(peers.map(peer => [peer.name, peer.configuration])),
      faults: cases.flatMap(result => faultsOf(scenario.name, result)),
    }
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
  }
}

/** Round 0 warms up and is not counted; the order turns around every round, so that no peer is always first. */
async function compareCase(scenario: Scenario, item: Case, options: CompareOptions): Promise<CaseResult> {
  const samples = new Map<string, Sample[]>(options.peers.map(peer => [peer.name, []]))
  const scriptFor = await prepareScript(item, options.directory)
  for (let round = 0; round <= options.rounds; round++) {
    options.say(
      `${scenario.name} ${item.name}: ${round === 0 ? 'warm-up' : `round ${round} of ${options.rounds}`}`,
    )
    const order = round % 2 === 0 ? options.peers : [...options.peers].reverse()
    for (const peer of order) {
      const load = {
        url: peer.url + item.target,
        connections: item.connections,
        seconds: options.secondsPerRound,
        ...scriptFor(round),
      }
      const sample = await measure(peer, options.load, load, options.ticksPerSecond)
      if (round > 0) samples.get(peer.name)!.push(sample)
    }
  }
  return sumUp(item, samples)
}

/** What wrk is given beside the URL, in each round. */
async function prepareScript(
  { mixture, requestBytes }: Case,
  directory: string,
): Promise<(round: number) => { script?: Script }> {
  const program = (name: string) => join(packageRoot(), 'bench', name)
  if (requestBytes !== undefined) {
    const script = { file: program('upload.lua'), arguments: [`${requestBytes}`] }
    return () => ({ script })
  }
  if (mixture === undefined) return () => ({})
  const lines = join(directory, 'requests.txt')
  await writeFile(lines, `${mixture.lines().join('\n')}\n`)
  return round => ({ script: { file: program('load.lua'), arguments: [lines, `${round}`] } })
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
  const comparisons = others.map(other => compareSamples(subject!, other, item.bar))
  return { case: item.name, bodyBytes: item.bodyBytes, connections: item.connections, peers, comparisons }
}

function compareSamples(subject: PeerResult, other: PeerResult, bar: Bar | undefined): Comparison {
  const [over, under] = [subject, other].map(result =>
    result.samples.map(sample => sample.cpuMicrosecondsPerRequest),
  )
  const ratio = spreadOf(pairedRatios(over!, under!))
  return bar?.peer === other.peer ? { peer: other.peer, ratio, bar } : { peer: other.peer, ratio }
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
