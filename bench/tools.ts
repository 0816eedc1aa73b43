// Programs that the bench needs and does not bring: finds them, says what is missing, fetches them from Debian.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Problem } from './problem.js'

export interface Tool {
  program: string
  debianPackage: string
}

export const WRK: Tool = { program: 'wrk', debianPackage: 'wrk' }

export const STRACE: Tool = { program: 'strace', debianPackage: 'strace' }

export const H2LOAD: Tool = { program: 'h2load', debianPackage: 'nghttp2-client' }

/** Servers live in sbin, which is not in every user's PATH. */
const MORE_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** The full path of a program, or undefined when it is not installed. */
export function findProgram(program: string, path: string = process.env.PATH ?? ''): string | undefined {
  for (const directory of [...path.split(delimiter), ...MORE_DIRECTORIES]) {
    const file = join(directory, program)
    if (directory !== '' && isExecutable(file)) return file
  }
  return undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // Absent, no permission, not a directory: whatever keeps us from running it means that we look further.
    return false
  }
}

/** The path of a tool that must be there by now; throws a Problem that names the flag which installs it. */
export function requireProgram(tool: Tool): string {
  const missing = missingTool(tool)
  if (missing !== undefined) throw new Problem(missing)
  return findProgram(tool.program)!
}

/** What to do about a tool that is not there; undefined when it is. */
export function missingTool(tool: Tool): string | undefined {
  if (findProgram(tool.program) !== undefined) return undefined
  return (
    `${tool.program} is not installed. Run again with --install to fetch it ` +
    `(apt-get install ${tool.debianPackage}), or install it yourself.`
  )
}

/** Fetches what is missing of `tools` with apt-get, its lists brought up to date first; its output goes to the terminal. */
export function installMissing(tools: readonly Tool[]): void {
  const packages = tools
    .filter(tool => findProgram(tool.program) === undefined)
    .map(tool => tool.debianPackage)
  if (packages.length === 0) return
  runApt(['update'])
  runApt(['install', '--yes', '--no-install-recommends', ...packages])
}

function runApt(args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const result = spawnSync('apt-get', args, { stdio: 'inherit', env })
  if (result.error !== undefined) throw new Problem(`cannot run apt-get: ${result.error.message}`)
  if (result.status !== 0) {
    throw new Problem(`apt-get ${args.join(' ')} failed with code ${result.status}: it needs root and Debian`)
  }
}
