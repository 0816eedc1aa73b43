// The command line of the bench: reads it, refuses what it does not know, prints the help.
import { parseArgs } from 'node:util'
import { Problem } from './problem.js'
import type { Scenario } from './scenarios/scenario.js'

export interface Options {
  scenarios: Scenario[]
  /** The peer that the others are compared with. */
  subject: string
  peers: string[]
  /** A second checkout whose edge is compared too. */
  edgeDirectory: string | undefined
  secondsPerRound: number
  rounds: number
  /** A .json file, or a directory for a file named after the time; undefined for the usual directory. */
  out: string | undefined
  install: boolean
}

/** What may be named on the command line. */
export interface Known {
  scenarios: readonly Scenario[]
  peers: readonly string[]
}

const ROUNDS_MAX = 1_000
const SECONDS_MAX = 600

/** Gives the options, or the help when it is asked for; throws a Problem that says what is wrong and what is known. */
export function parseOptions(args: readonly string[], known: Known): Options | { help: string } {
  const { values, positionals } = readArguments(args)
  if (values.help === true) return { help: helpText(known) }
  const peers = (values.peers ?? 'nginx').split(',').filter(Boolean)
  const subject = values.subject ?? 'edge'
  for (const name of [...peers, subject]) oneOf('peer', name, known.peers)
  const byName = new Map(known.scenarios.map(scenario => [scenario.name, scenario]))
  const names = positionals.length === 0 ? [...byName.keys()] : [...new Set(positionals)]
  return {
    scenarios: names.map(name => byName.get(oneOf('scenario', name, [...byName.keys()]))!),
    subject,
    peers,
    edgeDirectory: values.edge?.[0],
    secondsPerRound: wholeNumber('--seconds', values.seconds ?? '3', SECONDS_MAX),
    rounds: wholeNumber('--rounds', values.rounds ?? '6', ROUNDS_MAX),
    out: values.out,
    install: values.install ?? false,
  }
}

function readArguments(args: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        peers: { type: 'string' },
        subject: { type: 'string' },
        edge: { type: 'string', multiple: true },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        out: { type: 'string' },
        install: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if ((parsed.values.edge?.length ?? 0) > 1) throw new Problem('--edge may be given once')
    return parsed
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(`${error.message}\nTry --help.`)
    throw error
  }
}

function oneOf(what: string, name: string, known: readonly string[]): string {
  if (known.includes(name)) return name
  throw new Problem(`unknown ${what} ${name}; known: ${known.join(', ')}`)
}

function wholeNumber(flag: string, text: string, max: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= max) return number
  throw new Problem(`${flag} ${text}: expected a whole number from 1 to ${max}`)
}

function helpText(known: Known): string {
  const scenarios = known.scenarios.map(scenario => `  ${scenario.name.padEnd(10)} ${scenario.summary}`)
  return `npm run bench -- [scenario...] [flags]

CPU time per request of the edge against other servers, in interleaved rounds of one run.

Scenarios (default: all):
${scenarios.join('\n')}

Flags:
  --peers LIST     compared with the edge: ${known.peers.join(', ')} (default nginx; commas between)
  --subject NAME   what the peers are compared with (default edge). \`--subject nginx\` shows how much
                   two equal servers differ on this machine
  --edge DIR       also compare with the edge built in another checkout
  --seconds N      length of a round (default 3)
  --rounds N       rounds that count (default 6, the fewest of which a 95% interval can be given);
                   one more warms up
  --out PATH       .json file or directory for the report (default bench/report)
  --install        fetch missing programs from Debian with apt-get (the packages of servers may start a service)
  --help           this text

Exit codes: 0 measured, 1 measured with errors or broken off, 2 wrong argument or something is missing.`
}
