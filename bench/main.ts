// `npm run bench`: reads the command line, sees that everything needed is there, runs the scenarios one after the
// other, prints a table for each and writes the report.
import { join, resolve } from 'node:path'
import { compare, type ScenarioResult } from './compare.js'
import { clockTicksPerSecond } from './cpu.js'
import { type Load, wrkLoad } from './load.js'
import { http2Load } from './load-http2.js'
import { allowedCores, machineFacts, type Placement, placeOn, versionLine } from './machine.js'
import { type Options, parseOptions } from './options.js'
import { startOrigin } from './origin/start.js'
import { edgeKind, nodeEdgeKind, otherEdgeKind } from './peers/edge.js'
import { haproxyKind } from './peers/haproxy.js'
import { type KeyPairFiles, writeKeyPair } from './peers/key-pair.js'
import { nginxKind } from './peers/nginx.js'
import { makeReady, type Peer, type PeerKind } from './peers/peer.js'
import type { Processes } from './processes.js'
import { formatTable, type Report, reportFile, writeReport } from './report.js'
import { BROWSER_FIELDS } from './request.js'
import { packageRoot } from './root.js'
import { inRunDirectory, runProgram } from './run-program.js'
import { catalog } from './scenarios/catalog.js'
import { hit } from './scenarios/hit.js'
import { http2 } from './scenarios/http2.js'
import { miss } from './scenarios/miss.js'
import { mixed } from './scenarios/mixed.js'
import type { Scenario } from './scenarios/scenario.js'
import { tls } from './scenarios/tls.js'
import { upload } from './scenarios/upload.js'
import { variant } from './scenarios/variant.js'
import { findProgram, H2LOAD, requireProgram, type Tool, WRK } from './tools.js'

const ROOT = packageRoot()
const KINDS: readonly PeerKind[] = [edgeKind(ROOT), nodeEdgeKind(ROOT), nginxKind, haproxyKind]
const SCENARIOS = [hit, variant, tls, http2, catalog, miss, upload, mixed]

interface Run {
  options: Options
  /** The subject first. */
  kinds: PeerKind[]
  processes: Processes
  /** Holds everything that the run writes but the report. */
  directory: string
  placement: Placement
}

await runProgram('bench', async processes => {
  const peers = KINDS.map(kind => kind.name)
  const options = parseOptions(process.argv.slice(2), { scenarios: SCENARIOS, peers })
  if (!('help' in options)) return await runAll(options, processes)
  console.log(options.help)
  return 0
})

/** The exit code: 1 when the samples hold errors. */
async function runAll(options: Options, processes: Processes): Promise<number> {
  const kinds = chooseKinds(options)
  makeReady(kinds, toolsOf(options.scenarios), options.install)
  const startedAt = new Date().toISOString()
  return await inRunDirectory(processes, async directory => {
    const run: Run = { options, kinds, processes, directory, placement: placement() }
    const scenarios = await runScenarios(run)
    const file = resolve(reportFile(options.out ?? join(ROOT, 'bench/report'), startedAt))
    await writeReport(file, describe(run, startedAt, scenarios))
    console.log(`\nreport: ${file}`)
    return scenarios.some(result => result.faults.length > 0) ? 1 : 0
  })
}

function toolsOf(scenarios: readonly Scenario[]): Tool[] {
  return [...new Set(scenarios.map(({ isHttp2 }) => (isHttp2 ? H2LOAD : WRK)))]
}

function loadOf({ isHttp2 }: Scenario, { processes, placement }: Run): Load {
  return isHttp2
    ? http2Load(processes, requireProgram(H2LOAD), placement.load)
    : wrkLoad(processes, requireProgram(WRK), placement.load)
}

function chooseKinds(options: Options): PeerKind[] {
  const byName = new Map(KINDS.map(kind => [kind.name, kind]))
  const kinds = [options.subject, ...options.peers].map(name => byName.get(name)!)
  return options.edgeDirectory === undefined ? kinds : [...kinds, otherEdgeKind(options.edgeDirectory)]
}

function placement(): Placement {
  return placeOn(findProgram('taskset') === undefined ? [] : allowedCores())
}

async function runScenarios(run: Run): Promise<ScenarioResult[]> {
  const { processes } = run
  const origin = await startOrigin(processes, run.placement.origin)
  const keyPair = await writeKeyPair(run.directory)
  const results: ScenarioResult[] = []
  for (const scenario of run.options.scenarios) {
    const result = await compare(scenario, {
      peers: createPeers(run, scenario, origin.url, scenario.isSecure ? keyPair : undefined),
      originUrl: origin.url,
      directory: run.directory,
      load: loadOf(scenario, run),
      rounds: run.options.rounds,
      secondsPerRound: run.options.secondsPerRound,
      ticksPerSecond: clockTicksPerSecond(),
      say: text => process.stderr.write(`${text}\n`),
    })
    console.log(`\n${formatTable(result)}`)
    results.push(result)
  }
  return results
}

/** A peer named twice gets a number behind its name, so that a server can be compared with itself. */
function createPeers(
  run: Run,
  { name: scenario, cacheBytes, workers = 1, isHttp2 }: Scenario,
  originUrl: string,
  secure: KeyPairFiles | undefined,
): Peer[] {
  return run.kinds.map((kind, i) => {
    const earlier = run.kinds.slice(0, i).filter(other => other.name === kind.name).length
    const name = earlier === 0 ? kind.name : `${kind.name}#${earlier + 1}`
    const directory = join(run.directory, `${scenario}-${i}`)
    const { processes, placement } = run
    const core = workers === 1 ? placement.server : undefined
    return kind.create({ name, directory, originUrl, processes, core, cacheBytes, workers, secure, isHttp2 })
  })
}

function describe(run: Run, startedAt: string, scenarios: ScenarioResult[]): Report {
  const { server, load, origin } = run.placement
  const placement = server === undefined ? {} : { server, load: load!, origin: origin! }
  const versions = Object.fromEntries(run.kinds.map(kind => [kind.name, kind.version()]))
  return {
    layout: 1,
    startedAt,
    machine: machineFacts(),
    versions: { ...versions, ...toolVersions(run.options.scenarios) },
    rounds: run.options.rounds,
    secondsPerRound: run.options.secondsPerRound,
    placement,
    request: BROWSER_FIELDS,
    scenarios,
  }
}

function toolVersions(scenarios: readonly Scenario[]): Record<string, string> {
  const flags: Record<string, string> = { wrk: '-v', h2load: '--version' }
  const tools = toolsOf(scenarios)
  return Object.fromEntries(
    tools.map(tool => [tool.program, versionLine([requireProgram(tool), flags[tool.program]!])]),
  )
}
