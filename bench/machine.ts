// Facts about the machine that belong beside every number, and the cores to pin to.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

export interface Machine {
  cpuModel: string
  cores: number
  memoryBytes: number
  kernel: string
  node: string
}

export function machineFacts(): Machine {
  const processors = cpus()
  return {
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
  }
}

/** Which core each part runs on; undefined leaves it to the scheduler. */
export interface Placement {
  server: number | undefined
  load: number | undefined
  origin: number | undefined
}

/** The server alone on one core, load and origin on another (on two others when there are three). */
export function placeOn(cores: readonly number[]): Placement {
  if (cores.length < 2) return { server: undefined, load: undefined, origin: undefined }
  return { server: cores[0]!, load: cores[1]!, origin: cores[2] ?? cores[1]! }
}

/** The cores that this process may use, which a container or taskset may have narrowed. */
export function allowedCores(status: string = readFileSync('/proc/self/status', 'utf8')): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? ''
  return list.split(',').flatMap(part => {
    const [first, last = first] = part.split('-').map(Number)
    if (part === '' || first === undefined || last === undefined) return []
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** The version in package.json and, where git knows it, the commit of a checkout. */
export function checkoutVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: string }
  const args = ['-C', root, 'describe', '--always', '--dirty']
  const git = spawnSync('git', args, { encoding: 'utf8' })
  const commit = git.status === 0 ? ` (${git.stdout.trim()})` : ''
  return `${version ?? 'unknown'}${commit}`
}

/** The first line that a program prints about its version, on either stream; `unknown` when it prints nothing. */
export function versionLine(command: readonly string[]): string {
  const [program, ...args] = command
  const result = spawnSync(program!, args, { encoding: 'utf8' })
  const line = `${result.stdout ?? ''}\n${result.stderr ?? ''}`.trim().split('\n')[0]!
  return result.error !== undefined || line === '' ? 'unknown' : line
}
