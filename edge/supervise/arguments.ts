// The command line of naij-edge: words in, one command out. Doing it is command.ts.
import { parseArgs } from 'node:util'
import { cacheUsage, type Inspection, readCacheArguments } from '../inspect/arguments.js'

export type Command =
  | { kind: 'run'; file: string; quiet: boolean; takesOver: boolean }
  | { kind: 'check'; file: string }
  | { kind: 'cache'; file: string; isJson: boolean; inspection: Inspection }
  | { kind: 'help'; text: string }
  | { kind: 'version' }
  /** `usage`: what to say with it. */
  | { kind: 'wrong'; message: string; usage: string }

export const usage = `Usage: naij-edge --config FILE [--check] [--quiet] [--take-over]

  --config FILE  the configuration, JSON (config/REFERENCE.md lists every setting)
  --check        validate it, print every problem, and exit: 0 sound, 1 not
  --quiet        no access log, whatever the configuration says
  --take-over    when another naij-edge runs with the same admin socket: serve beside it, then have it leave
  --help         this text
  --version      the version

naij-edge cache ls|get|stat|verify looks into the cache: naij-edge cache --help

Signals: SIGTERM and SIGINT drain and stop (a second one stops at once), SIGHUP reads the file again and swaps
the sites, SIGUSR2 reads it again and starts a new generation of workers.
Exit codes: 0 stopped, 1 bad configuration or arguments, 2 could not listen or open its state.
`

const options = {
  config: { type: 'string' },
  check: { type: 'boolean' },
  quiet: { type: 'boolean' },
  'take-over': { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

/** Reads the words after the program's name; never throws. */
export function readArguments(words: readonly string[]): Command {
  if (words[0] === 'cache') return readCache(words.slice(1))
  const values = parse(words)
  if (values instanceof Error) return { kind: 'wrong', message: values.message, usage }
  if (values.help) return { kind: 'help', text: usage }
  if (values.version) return { kind: 'version' }
  if (!values.config) return { kind: 'wrong', message: '--config FILE is missing', usage }
  if (values.check) return { kind: 'check', file: values.config }
  return {
    kind: 'run',
    file: values.config,
    quiet: values.quiet === true,
    takesOver: values['take-over'] === true,
  }
}

function readCache(words: readonly string[]): Command {
  if (words.includes('--help')) return { kind: 'help', text: cacheUsage }
  const read = readCacheArguments(words)
  if (!read.ok) return { kind: 'wrong', message: `cache: ${read.message}`, usage: cacheUsage }
  const { file, isJson, inspection } = read
  return { kind: 'cache', file, isJson, inspection }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    return error as Error
  }
}
