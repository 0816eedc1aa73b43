// The command line of `npm run bench:host`: reads it, refuses what it does not know, prints the help.
import { parseArgs } from 'node:util'
import { Problem } from '../problem.js'
import type { Measurement, Scale } from './measurement.js'

export interface Options {
  measurements: Measurement[]
  scale: Scale
  /** Without other servers beside the edge. */
  isAlone: boolean
  /** A .json file, or a directory for a file named after the time; undefined for the usual directory. */
  out: string | undefined
  install: boolean
}

interface Amount {
  default: number
  max: number
  what: string
}

const MB = 1_048_576
const AMOUNTS = {
  clients: { default: 1_000, max: 4_000, what: 'collapse: requests at once' },
  readers: { default: 500, max: 4_000, what: 'slow-readers: how many' },
  megabytes: { default: 50, max: 400, what: 'slow-readers: length of the object' },
  seconds: {
    default: 10,
    max: 600,
    what: 'slow-readers: how long they read; origin-flap: how long the origin fails; purge: how long each part takes; images: how long hits are counted',
  },
  connections: { default: 5_000, max: 9_000, what: 'flood: idle connections; a fifth more are slow' },
  photographs: { default: 40, max: 1_000, what: 'images: photographs of 1200 x 900' },
  bodies: { default: 4_096, max: 65_536, what: 'fill: bodies of a round' },
  wakeups: { default: 2_000, max: 100_000, what: 'mesh: wake-ups of a round' },
  rounds: { default: 5, max: 100, what: 'of collapse, fill, mesh and restart; medians are of these' },
  entries: { default: 1_000_000, max: 5_000_000, what: 'restart and purge: responses in the cache' },
} as const satisfies Record<string, Amount>

type AmountName = keyof typeof AMOUNTS
const AMOUNT_NAMES = Object.keys(AMOUNTS) as AmountName[]

/** Gives the options, or the help when it is asked for; throws a Problem that says what is wrong and what is known. */
export function parseOptions(
  args: readonly string[],
  known: readonly Measurement[],
): Options | { help: string } {
  const { values, positionals } = readArguments(args)
  if (values.help === true) return { help: helpText(known) }
  for (const name of positionals) {
    if (known.some(measurement => measurement.name === name)) continue
    throw new Problem(`unknown measurement ${name}; known: ${known.map(({ name }) => name).join(', ')}`)
  }
  const { megabytes, wakeups, ...scale } = Object.fromEntries(
    AMOUNT_NAMES.map(name => [name, amount(name, values[name])]),
  ) as Record<AmountName, number>
  return {
    measurements: known.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    scale: { ...scale, objectBytes: megabytes * MB, wakeUps: wakeups },
    isAlone: values.alone ?? false,
    out: values.out,
    install: values.install ?? false,
  }
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        clients: text,
        readers: text,
        megabytes: text,
        seconds: text,
        connections: text,
        photographs: text,
        bodies: text,
        wakeups: text,
        rounds: text,
        entries: text,
        out: text,
        alone: flag,
        install: flag,
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(`${error.message}\nTry --help.`)
    throw error
  }
}

function amount(name: AmountName, text: string | undefined): number {
  const { default: usual, max } = AMOUNTS[name]
  if (text === undefined) return usual
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value
  throw new Problem(`--${name} ${text}: expected a whole number from 1 to ${max}`)
}

function helpText(known: readonly Measurement[]): string {
  const measurements = known.map(({ name, summary }) => `  ${name.padEnd(14)} ${summary}`)
  const amounts = AMOUNT_NAMES.map(name => {
    const { default: usual, what } = AMOUNTS[name]
    return `  ${`--${name} N`.padEnd(14)} ${what} (default ${usual})`
  })
  return `npm run bench:host -- [measurement...] [flags]

Whether what is promised of a whole host holds, with two workers.

Measurements (default: all):
${measurements.join('\n')}

Flags:
${amounts.join('\n')}
  --alone        without nginx beside the edge
  --out PATH     .json file or directory for the report (default bench/report)
  --install      fetch missing programs from Debian with apt-get (the packages of servers may start a service)
  --help         this text

Exit codes: 0 all held, 1 something did not hold or is not to be trusted, 2 wrong argument or something is missing.`
}
