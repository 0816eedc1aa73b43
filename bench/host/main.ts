// `npm run bench:host`: measures what the project promises of a whole host, prints it, and writes every sample as JSON.
import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { machineFacts } from '../machine.js'
import { edgeKind } from '../peers/edge.js'
import { nginxKind } from '../peers/nginx.js'
import { makeReady } from '../peers/peer.js'
import type { Processes } from '../processes.js'
import { reportFile } from '../report.js'
import { packageRoot } from '../root.js'
import { inRunDirectory, runProgram } from '../run-program.js'
import { collapse } from './collapse.js'
import { fill } from './fill.js'
import { flood } from './flood.js'
import { images } from './images.js'
import type { Measurement, Outcome } from './measurement.js'
import { mesh } from './mesh.js'
import { type Options, parseOptions } from './options.js'
import { originFlap } from './origin-flap.js'
import { purge } from './purge.js'
import { restart } from './restart.js'
import { slowReaders } from './slow-readers.js'

const ROOT = packageRoot()
const MEASUREMENTS: readonly Measurement[] = [
  collapse,
  slowReaders,
  flood,
  images,
  fill,
  mesh,
  originFlap,
  restart,
  purge,
]

await runProgram('bench:host', async processes => {
  const options = parseOptions(process.argv.slice(2), MEASUREMENTS)
  if (!('help' in options)) return await runAll(options, processes)
  console.log(options.help)
  return 0
})

/** The exit code: 1 when a promise does not hold, or when that cannot be said of this run. */
async function runAll(options: Options, processes: Processes): Promise<number> {
  const kinds = options.isAlone ? [edgeKind(ROOT)] : [edgeKind(ROOT), nginxKind]
  if (options.measurements.some(({ hasPeers }) => hasPeers)) makeReady(kinds, [], options.install)
  const startedAt = new Date().toISOString()
  const load = loadavg()[0]
  return await inRunDirectory(processes, async directory => {
    const results: Record<string, Outcome> = {}
    for (const measurement of options.measurements) {
      console.log(`\n${measurement.name}: ${measurement.summary}`)
      const outcome = await measurement.run({ processes, kinds, directory, scale: options.scale })
      results[measurement.name] = outcome
      for (const line of outcome.lines) console.log(`  ${line}`)
      for (const fault of outcome.faults) console.log(`! ${fault}`)
      if (outcome.isKept !== undefined) console.log(outcome.isKept ? '  met' : '  MISSED')
    }
    const file = resolve(reportFile(options.out ?? join(ROOT, 'bench/report'), `host-${startedAt}`))
    const versions = Object.fromEntries(kinds.map(kind => [kind.name, kind.version()]))
    const { scale } = options
    await mkdir(dirname(file), { recursive: true })
    const report = { layout: 1, startedAt, machine: machineFacts(), load, versions, scale, results }
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
    console.log(`\nreport: ${file}`)
    return Object.values(results).every(({ isKept, faults }) => isKept !== false && faults.length === 0)
      ? 0
      : 1
  })
}
