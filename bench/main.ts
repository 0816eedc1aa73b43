// `npm run bench`: reads the command line, sees that everything needed is there, runs the scenarios and measurements one
// after the other, and writes the report.
import { availableParallelism, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { readBudgets } from './budgets.js'
import { formatChanges, readReport } from './earlier.js'
import { MEASUREMENTS, SCENARIOS } from './everything.js'
import { allowedCores, machineFacts, type Placement, placeOn, versionLine } from './machine.js'
import { type Options, parseOptions } from './options.js'
import { constantKind } from './peers/constant.js'
import { edgeKind, loggingEdgeKind, nodeEdgeKind, otherEdgeKind } from './peers/edge.js'
import { haproxyKind } from './peers/haproxy.js'
import { loggingNginxKind, nginxKind } from './peers/nginx.js'
import { makeReady, type PeerKind } from './peers/peer.js'
import { trafficServerKind } from './peers/trafficserver.js'
import { varnishKind } from './peers/varnish.js'
import type { Processes } from './processes.js'
import { missedBudgets, type Report, reportFile, writeReport } from './report.js'
import { BROWSER_FIELDS } from './request.js'
import { packageRoot } from './root.js'
import { runMeasurements } from './run-measurements.js'
import { inRunDirectory, runProgram } from './run-program.js'
import { type Run, runScenarios, toolsOf } from './run-scenarios.js'
import { findProgram, requireProgram, STRACE, type Tool } from './tools.js'

const ROOT = packageRoot()
const KINDS: readonly PeerKind[] = [
  edgeKind(ROOT),
  nodeEdgeKind(ROOT),
  loggingEdgeKind(ROOT),
  nginxKind,
  loggingNginxKind,
  varnishKind,
  haproxyKind,
  trafficServerKind,
  constantKind,
]

await runProgram('bench', async processes => {
  const peers = KINDS.map(kind => kind.name)
  const known = { scenarios: SCENARIOS, measurements: MEASUREMENTS, peers, cores: availableParallelism() }
  const options = parseOptions(process.argv.slice(2), known)
  if (!('help' in options)) return await runAll(options, processes)
  console.log(options.help)
  return 0
})

/** The exit code: 1 when something is not to be trusted, a bound does not hold, or a gate is missed. */
async function runAll(options: Options, processes: Processes): Promise<number> {
  const earlier = options.earlier === undefined ? undefined : await readReport(options.earlier)
  const budgets = readBudgets()
  const { kinds, faults } = makeReady(chooseKinds(options), toolsFor(options), options.install)
  const cores = findProgram('taskset') === undefined ? [] : allowedCores()
  const notes = cores.length < 2 ? ['servers and load share a core: rates and times are those of both'] : []
  for (const line of [...faults.map(fault => `! ${fault}`), ...notes.map(note => `~ ${note}`)])
    console.log(line)
  const startedAt = new Date().toISOString()
  const load = loadavg()[0]!
  return await inRunDirectory(processes, async directory => {
    const say = (text: string): void => void process.stderr.write(`${text}\n`)
    const run: Run = { options, kinds, processes, directory, placement: placeOn(cores), budgets, say }
    const scenarios = await runScenarios(run)
    const measurements = await runMeasurements(run)
    const report: Report = { ...describe(run, startedAt, load), scenarios, measurements, faults, notes }
    const file = resolve(reportFile(options.out ?? join(ROOT, 'bench/report'), startedAt))
    const [, page] = await writeReport(file, report)
    if (earlier !== undefined) console.log(`\n${formatChanges(earlier, report)}`)
    const missed = options.isGate ? missedBudgets(report) : []
    for (const line of missed) console.log(`GATE ${line}`)
    console.log(`\nreport: ${file}\npage: ${page}`)
    return missed.length === 0 && isGood(report) ? 0 : 1
  })
}

function isGood({ scenarios, measurements, faults }: Report): boolean {
  const outcomes = Object.values(measurements)
  return (
    faults.length === 0 &&
    scenarios.every(result => result.faults.length === 0) &&
    outcomes.every(outcome => outcome.isKept !== false && outcome.faults.length === 0)
  )
}

function chooseKinds(options: Options): PeerKind[] {
  const byName = new Map(KINDS.map(kind => [kind.name, kind]))
  const kinds = [options.subject, ...options.peers].map(name => byName.get(name)!)
  return options.edgeDirectory === undefined ? kinds : [...kinds, otherEdgeKind(options.edgeDirectory)]
}

function toolsFor({ scenarios, countsSyscalls }: Options): Tool[] {
  return [...toolsOf(scenarios), ...(countsSyscalls ? [STRACE] : [])]
}

type Described = Omit<Report, 'scenarios' | 'measurements' | 'faults' | 'notes'>

function describe(run: Run, startedAt: string, load: number): Described {
  const { options, budgets } = run
  const placement: Placement = run.placement
  const { server, load: loadCore, origin } = placement
  const versions = Object.fromEntries(run.kinds.map(kind => [kind.name, kind.version()]))
  return {
    layout: 2,
    startedAt,
    machine: machineFacts(),
    load,
    versions: { ...versions, ...toolVersions(options) },
    rounds: [options.rounds, options.roundsMax],
    secondsPerRound: options.secondsPerRound,
    ...(options.workers !== undefined && { workers: options.workers }),
    placement: server === undefined ? {} : { server, load: loadCore!, origin: origin! },
    request: BROWSER_FIELDS,
    budgets,
  }
}

function toolVersions(options: Options): Record<string, string> {
  const flags: Record<string, string> = { wrk: '-v', h2load: '--version', strace: '--version' }
  return Object.fromEntries(
    toolsFor(options).map(tool => [tool.program, versionLine([requireProgram(tool), flags[tool.program]!])]),
  )
}
