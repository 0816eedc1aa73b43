// The command line of the bench: reads it, refuses what it does not know. Its help is in help.ts.
import { parseArgs } from 'node:util'
import { helpText } from './help.js'
import type { Measurement, Scale } from './host/measurement.js'
import { Problem } from './problem.js'
import type { Scenario } from './scenarios/scenario.js'

export interface Options {
  scenarios: Scenario[]
  measurements: Measurement[]
  scale: Scale
  /** The peer that the others are compared with. */
  subject: string
  peers: string[]
  /** A second checkout whose edge is compared too. */
  edgeDirectory: string | undefined
  secondsPerRound: number
  rounds: number
  roundsMax: number
  /** Of each peer, instead of what the scenario says. */
  workers: number | undefined
  countsSyscalls: boolean
  /** Whether a missed budget makes the run fail. */
  isGate: boolean
  /** An earlier report to compare with. */
  earlier: string | undefined
  /** A .json file, or a directory for a file named after the time; undefined for the usual directory. */
  out: string | undefined
  install: boolean
}

/** What may be named on the command line. */
export interface Known {
  scenarios: readonly Scenario[]
  measurements: readonly Measurement[]
  peers: readonly string[]
  /** Of this machine. */
  cores: number
}

const ROUNDS_MAX = 1_000
const SECONDS_MAX = 600
const WORKERS_MAX = 256
/** Rounds after which a ratio that is still not known well enough is left at that. */
const ROUNDS_UNTIL_KNOWN = 20
const MB = 1_048_576

interface Amount {
  default: number
  max: number
  what: string
}

/** Of measurements; `seconds` and `rounds` are flags of scenarios too, with other defaults. */
export const AMOUNTS = {
  clients: { default: 1_000, max: 4_000, what: 'collapse: requests at once' },
  readers: { default: 500, max: 4_000, what: 'slow-readers: how many' },
  megabytes: { default: 50, max: 400, what: 'slow-readers: length of the object' },
  connections: {
    default: 20_000,
    max: 50_000,
    what: 'connections: idle ones; flood: a quarter of it, and a fifth of those more that are slow',
  },
  photographs: { default: 40, max: 1_000, what: 'image: photographs of 1200 x 900' },
  bodies: { default: 4_096, max: 65_536, what: 'fill: bodies of a round' },
  wakeups: { default: 2_000, max: 100_000, what: 'mesh: wake-ups of a round' },
  entries: { default: 1_000_000, max: 5_000_000, what: 'restart and purge: responses in the cache' },
} as const satisfies Record<string, Amount>

export type AmountName = keyof typeof AMOUNTS
export const AMOUNT_NAMES = Object.keys(AMOUNTS) as AmountName[]
const MEASUREMENT_SECONDS = 10
const MEASUREMENT_ROUNDS = 5

/** Gives the options, or the help when it is asked for; throws a Problem that says what is wrong and what is known. */
export function parseOptions(args: readonly string[], known: Known): Options | { help: string } {
  const { values, positionals } = readArguments(args)
  if (values.help === true) return { help: helpText(known) }
  const peers = namesOf(values.peers ?? 'nginx')
  const subject = values.subject ?? 'edge'
  for (const name of [...peers, subject]) oneOf('peer', name, known.peers)
  const names = namesOfWork(positionals, known)
  const [seconds, rounds] = [values.seconds ?? '3', values.rounds ?? '6']
  const roundsLeast = wholeNumber('--rounds', rounds, ROUNDS_MAX)
  const roundsMax = values['rounds-max'] ?? `${Math.max(roundsLeast, ROUNDS_UNTIL_KNOWN)}`
  return {
    scenarios: onlyCases(
      known.scenarios.filter(({ name }) => names.includes(name)),
      values.case,
    ),
    measurements: known.measurements.filter(({ name }) => names.includes(name)),
    scale: scaleOf(values),
    subject,
    peers,
    edgeDirectory: values.edge?.[0],
    secondsPerRound: wholeNumber('--seconds', seconds, SECONDS_MAX),
    rounds: roundsLeast,
    roundsMax: wholeNumber('--rounds-max', roundsMax, ROUNDS_MAX, roundsLeast),
    workers: workersOf(values.workers, known.cores),
    countsSyscalls: values.syscalls ?? false,
    isGate: values.gate ?? false,
    earlier: values.compare,
    out: values.out,
    install: values.install ?? false,
  }
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ peers: text, subject: text, edge: { type: 'string', multiple: true }, workers: text },
        ...{ seconds: text, rounds: text, 'rounds-max': text, case: text, compare: text, out: text },
        ...{ clients: text, readers: text, megabytes: text, connections: text, photographs: text },
        ...{ bodies: text, wakeups: text, entries: text },
        ...{ syscalls: flag, gate: flag, install: flag, help: { type: 'boolean', short: 'h' } },
      },
    })
    if ((parsed.values.edge?.length ?? 0) > 1) throw new Problem('--edge may be given once')
    return parsed
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(`${error.message}\nTry --help.`)
    throw error
  }
}

/** `none` is nobody. */
function namesOf(list: string): string[] {
  return list === 'none' ? [] : list.split(',').filter(Boolean)
}

/** Of scenarios and measurements; all when none is named. */
function namesOfWork(positionals: readonly string[], { scenarios, measurements }: Known): string[] {
  const all = [...scenarios, ...measurements].map(({ name }) => name)
  return positionals.length === 0 ? all : positionals.map(name => oneOf('scenario', name, all))
}

function onlyCases(scenarios: readonly Scenario[], name: string | undefined): Scenario[] {
  if (name === undefined) return [...scenarios]
  const all = scenarios.flatMap(({ cases }) => cases.map(item => item.name))
  oneOf('case', name, [...new Set(all)])
  return scenarios
    .map(scenario => ({ ...scenario, cases: scenario.cases.filter(item => item.name === name) }))
    .filter(({ cases }) => cases.length > 0)
}

type Values = { readonly [name in AmountName | 'seconds' | 'rounds']?: string | undefined }

function scaleOf(values: Values): Scale {
  const { megabytes, wakeups, ...amounts } = Object.fromEntries(
    AMOUNT_NAMES.map(name => [name, amount(name, values[name])]),
  ) as Record<AmountName, number>
  return {
    ...amounts,
    objectBytes: megabytes * MB,
    wakeUps: wakeups,
    seconds: wholeNumber('--seconds', values.seconds ?? `${MEASUREMENT_SECONDS}`, SECONDS_MAX),
    rounds: wholeNumber('--rounds', values.rounds ?? `${MEASUREMENT_ROUNDS}`, ROUNDS_MAX),
  }
}

function amount(name: AmountName, text: string | undefined): number {
  const { default: usual, max } = AMOUNTS[name]
  return text === undefined ? usual : wholeNumber(`--${name}`, text, max)
}

function workersOf(text: string | undefined, cores: number): number | undefined {
  if (text === undefined) return undefined
  return text === 'all' ? cores : wholeNumber('--workers', text, WORKERS_MAX)
}

function oneOf(what: string, name: string, known: readonly string[]): string {
  if (known.includes(name)) return name
  throw new Problem(`unknown ${what} ${name}; known: ${known.join(', ')}`)
}

function wholeNumber(flag: string, text: string, max: number, min = 1): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= min && number <= max) return number
  throw new Problem(`${flag} ${text}: expected a whole number from ${min} to ${max}`)
}
