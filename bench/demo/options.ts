// The command line of the demo: its ports, where its programs are, and the help.
import { parseArgs } from 'node:util'
import { Problem } from '../problem.js'

export interface DemoPorts {
  /** Where the edge listens; 0 for any free one. */
  port: number
  /** Where the origin listens; undefined for the usual one, or any free one when that is taken. */
  originPort: number | undefined
  /** Where control listens; undefined for the usual one, or any free one when that is taken. */
  controlPort: number | undefined
  /** Where the built programs are, from the package directory: edge/main.js and control/main.js. */
  programs: string
}

export const EDGE_PORT = 8080
export const ORIGIN_PORT = 9080
export const CONTROL_PORT = 8090
export const PROGRAMS = 'dist'

export const HELP = `npm start -- [flags]

Starts a small website, NaijCloud Edge in front of it, and control, on 127.0.0.1 only. Ctrl-C stops all.

Flags:
  --port N          where the edge listens (default ${EDGE_PORT}; 0 for any free port)
  --origin-port N   where the website itself listens (default ${ORIGIN_PORT}, or a free one when that is taken)
  --control-port N  where control listens (default ${CONTROL_PORT}, or a free one when that is taken)
  --programs DIR    where the edge and control are built (default ${PROGRAMS})
  --help            this text

SIGUSR2 has the edge start its workers anew, from what is built then.

Exit codes: 0 stopped, 1 the edge or control ended by itself or did not start, 2 wrong argument or a port is taken.`

/** Gives what is asked for, or undefined when the help is asked for; throws a Problem on anything it does not know. */
export function parseDemoOptions(args: readonly string[]): DemoPorts | undefined {
  const values = readArguments(args)
  if (values.help === true) return undefined
  const { 'origin-port': origin, 'control-port': control } = values
  return {
    port: portNumber('--port', values.port ?? String(EDGE_PORT)),
    originPort: origin === undefined ? undefined : portNumber('--origin-port', origin),
    controlPort: control === undefined ? undefined : portNumber('--control-port', control),
    programs: values.programs ?? PROGRAMS,
  }
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        'origin-port': { type: 'string' },
        'control-port': { type: 'string' },
        programs: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(`${error.message}\nTry --help.`)
    throw error
  }
}

function portNumber(flag: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new Problem(`${flag} ${text}: expected a port number from 0 to 65535`)
}
