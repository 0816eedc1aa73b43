// The command line of naij-edge: words in, one command out. Doing it is command.ts.
import { parseArgs } from 'node:util'

export type Command =
  | { kind: 'run'; file: string; quiet: boolean }
  | { kind: 'check'; file: string }
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'wrong'; message: string }

export const usage = `Usage: naij-edge --config FILE [--check] [--quiet]

  --config FILE  the configuration, JSON (config/REFERENCE.md lists every setting)
  --check        validate it, print every problem, and exit: 0 sound, 1 not
  --quiet        no access log, whatever the configuration says
  --help         this text
  --version      the version

Signals: SIGTERM and SIGINT drain and stop (a second one stops at once), SIGHUP reads the file again and swaps
the sites, SIGUSR2 reads it again and starts a new generation of workers.
Exit codes: 0 stopped, 1 bad configuration or arguments, 2 could not listen or open its state.
`

const options = {
  config: { type: 'string' },
  check: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

/** Reads the words after the program's name; never throws. */
export function readArguments(words: readonly string[]): Command {
  const values = parse(words)
  if (values instanceof Error) return { kind: 'wrong', message: values.message }
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  if (!values.config) return { kind: 'wrong', message: '--config FILE is missing' }
  if (values.check) return { kind: 'check', file: values.config }
  return { kind: 'run', file: values.config, quiet: values.quiet === true }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    return error as Error
  }
}
