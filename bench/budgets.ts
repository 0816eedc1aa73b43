// What the project promises of the edge's CPU per request, as ratios to what others take: `bench/budgets.json`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from './problem.js'
import { packageRoot } from './root.js'
import type { Spread } from './statistics.js'

/** Scenario -> case -> peer -> the highest ratio. */
export type Budgets = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>

export const BUDGETS_FILE = join(packageRoot(), 'bench/budgets.json')

/** Throws a Problem that says where the file is not as it must be. */
export function readBudgets(file: string = BUDGETS_FILE): Budgets {
  return checkBudgets(parse(file), file)
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Problem(`${file}: ${(error as Error).message}`)
  }
}

export function checkBudgets(value: unknown, file: string): Budgets {
  for (const [scenario, cases] of entriesOf(value, file)) {
    for (const [item, peers] of entriesOf(cases, `${file}: ${scenario}`)) {
      const where = `${file}: ${scenario}, ${item}`
      for (const [peer, ratio] of entriesOf(peers, where)) {
        if (typeof ratio === 'number' && ratio > 0) continue
        throw new Problem(`${where}, ${peer}: ${JSON.stringify(ratio)}, expected a number above 0`)
      }
    }
  }
  return value as Budgets
}

function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  throw new Problem(`${where}: ${JSON.stringify(value)}, expected an object`)
}

/** `met`: the median is within it. `missed`: above it, beyond what the machine's noise explains. `open` lies between. */
export type Verdict = 'met' | 'open' | 'missed'

export function judge({ median, interval }: Pick<Spread, 'median' | 'interval'>, ratioMax: number): Verdict {
  if (median <= ratioMax) return 'met'
  return interval.low > ratioMax ? 'missed' : 'open'
}
