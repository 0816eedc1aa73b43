// The measurements of a run, one after the other, and what each found.
import type { Outcome } from './host/measurement.js'
import { Problem } from './problem.js'
import type { Run } from './run-scenarios.js'

/** One that goes wrong is a fault of its outcome, and the others go on. */
export async function runMeasurements({
  options,
  kinds,
  processes,
  directory,
}: Run): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {}
  for (const measurement of options.measurements) {
    console.log(`\n${measurement.name}: ${measurement.summary}`)
    const context = { processes, kinds: kinds.filter(isWholeHost), directory, scale: options.scale }
    const outcome = await measurement.run(context).catch((error: unknown): Outcome => {
      if (!(error instanceof Problem) || processes.isStopping) throw error
      return { lines: [], isKept: undefined, faults: [error.message], samples: [] }
    })
    outcomes[measurement.name] = outcome
    for (const line of outcome.lines) console.log(`  ${line}`)
    for (const fault of outcome.faults) console.log(`! ${fault}`)
    if (outcome.isKept !== undefined) console.log(outcome.isKept ? '  met' : '  MISSED')
  }
  return outcomes
}

/** A floor under proxies is none, and knows no settings of a host. */
function isWholeHost({ name }: { name: string }): boolean {
  return name !== 'constant'
}
