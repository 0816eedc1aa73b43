// CPU time of server processes from /proc: user + system of a process and everything below it. The kernel scales both
// to the precise run time, so a clock tick (10 ms) is the only coarseness: 0.3% of a busy round of three seconds.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { ifThere } from './if-there.js'
import { Problem } from './problem.js'

/** Unit of utime and stime in /proc/PID/stat, per second. */
export function clockTicksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
}

/** Clock ticks in user and in kernel mode. */
export interface Ticks {
  user: number
  system: number
}

export function sumOf({ user, system }: Ticks): number {
  return user + system
}

/**
 * utime + cutime and stime + cstime in clock ticks from the text of /proc/PID/stat. The latter two are the time of
 * children that have ended, so a sum over a tree loses nothing when a worker is replaced. The second field is the name
 * of the program in parentheses and may itself hold spaces and parentheses: counting starts behind the last one.
 */
export function parseStatTicks(text: string): Ticks {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number)
  return { user: user! + childrenUser!, system: system! + childrenSystem! }
}

/** The process and all its descendants; a process that ends meanwhile is left out. */
export function processTree(pid: number): number[] {
  const pids = [pid]
  for (let i = 0; i < pids.length; i++) pids.push(...childrenOf(pids[i]!))
  return pids
}

function childrenOf(pid: number): number[] {
  const tasks = ifThere(() => readdirSync(`/proc/${pid}/task`)) ?? []
  return tasks.flatMap(task => {
    const text = ifThere(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')) ?? ''
    return text.split(' ').filter(Boolean).map(Number)
  })
}

/** Ticks used so far by all of them. Throws a Problem when one is gone: its time would be missing from the sum. */
export function readTicks(pids: readonly number[]): Ticks {
  const sum: Ticks = { user: 0, system: 0 }
  for (const pid of pids) {
    const text = ifThere(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    if (text === undefined) throw new Problem(`process ${pid} ended while it was measured`, 1)
    const { user, system } = parseStatTicks(text)
    sum.user += user
    sum.system += system
  }
  return sum
}
