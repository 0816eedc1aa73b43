// The scenarios of a run, one after the other: an origin for all, the peers of each started anew, a table for each.
import { join } from 'node:path'
import type { Budgets } from './budgets.js'
import { compare, type ScenarioResult } from './compare.js'
import { clockTicksPerSecond } from './cpu.js'
import { type Load, wrkLoad } from './load.js'
import { http2Load } from './load-http2.js'
import { mixtureLoad } from './load-mixture.js'
import type { Placement } from './machine.js'
import type { Options } from './options.js'
import { startOrigin } from './origin/start.js'
import { type KeyPairFiles, writeKeyPair } from './peers/key-pair.js'
import type { Peer, PeerKind } from './peers/peer.js'
import { Problem } from './problem.js'
import type { Processes } from './processes.js'
import { formatTable } from './report.js'
import type { Scenario } from './scenarios/scenario.js'
import { H2LOAD, requireProgram, type Tool, WRK } from './tools.js'

export interface Run {
  options: Options
  /** The subject first. */
  kinds: readonly PeerKind[]
  processes: Processes
  /** Holds everything that the run writes but the report. */
  directory: string
  placement: Placement
  budgets: Budgets
  say: (text: string) => void
}

export function toolsOf(scenarios: readonly Scenario[]): Tool[] {
  const plain = scenarios.filter(scenario => !isMixed(scenario))
  return [...new Set(plain.map(({ isHttp2 }) => (isHttp2 ? H2LOAD : WRK)))]
}

/** One that goes wrong is a fault of its result, and the others go on. */
export async function runScenarios(run: Run): Promise<ScenarioResult[]> {
  const { options, processes, directory, placement, budgets } = run
  if (options.scenarios.length === 0) return []
  const origin = await startOrigin(processes, placement.origin)
  const keyPair = await writeKeyPair(directory)
  const results: ScenarioResult[] = []
  for (const scenario of options.scenarios) {
    const result = await runScenario(run, scenario, origin.url, scenario.isSecure ? keyPair : undefined)
    console.log(`\n${formatTable(result, budgets)}`)
    results.push(result)
  }
  await processes.stop(origin.running)
  return results
}

async function runScenario(
  run: Run,
  scenario: Scenario,
  originUrl: string,
  secure: KeyPairFiles | undefined,
): Promise<ScenarioResult> {
  const { options, processes, directory, kinds, say } = run
  const { rounds, roundsMax, secondsPerRound, countsSyscalls } = options
  const refusals = kinds.flatMap(kind => kind.cannot?.(scenario) ?? [])
  const isAsked = kinds[0]?.cannot?.(scenario) === undefined
  for (const refusal of refusals) say(`${scenario.name}: ${refusal}`)
  const able = kinds.filter(kind => kind.cannot?.(scenario) === undefined)
  const limits = { rounds, roundsMax, secondsPerRound, countsSyscalls, ticksPerSecond: clockTicksPerSecond() }
  try {
    const peers = isAsked ? createPeers(run, scenario, able, originUrl, secure) : []
    return await compare(scenario, {
      ...limits,
      peers,
      originUrl,
      directory,
      load: loadOf(scenario, run),
      processes,
      say,
    })
  } catch (error) {
    if (!(error instanceof Problem) || processes.isStopping) throw error
    const { name, summary } = scenario
    return { scenario: name, summary, cases: [], configurations: {}, faults: [`${name}: ${error.message}`] }
  }
}

/** For which no tool is needed. */
function isMixed({ cases }: Scenario): boolean {
  return cases.every(({ mixture }) => mixture !== undefined)
}

function loadOf(scenario: Scenario, { processes, placement, directory }: Run): Load {
  if (isMixed(scenario)) return mixtureLoad(processes, placement.load)
  return scenario.isHttp2
    ? http2Load(processes, requireProgram(H2LOAD), placement.load, directory)
    : wrkLoad(processes, requireProgram(WRK), placement.load)
}

/** A peer named twice gets a number behind its name, so that a server can be compared with itself. */
function createPeers(
  { options, processes, placement, directory }: Run,
  { name: scenario, cacheBytes, workers: usual = 1, isHttp2 }: Scenario,
  kinds: readonly PeerKind[],
  originUrl: string,
  secure: KeyPairFiles | undefined,
): Peer[] {
  const workers = options.workers ?? usual
  const core = workers === 1 ? placement.server : undefined
  return kinds.map((kind, i) => {
    const earlier = kinds.slice(0, i).filter(other => other.name === kind.name).length
    return kind.create({
      name: earlier === 0 ? kind.name : `${kind.name}#${earlier + 1}`,
      directory: join(directory, `${scenario}-${i}`),
      ...{ originUrl, processes, core, cacheBytes, workers, secure, isHttp2 },
    })
  })
}
