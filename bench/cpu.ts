// CPU time of server processes from /proc: user + system of a process and everything below it.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Unit of utime and stime in /proc/PID/stat, per second. */
export function clockTicksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
}

/**
 * utime + stime in clock ticks from the text of /proc/PID/stat. The second field is the name of the program in
 * parentheses and may itself hold spaces and parentheses, so counting starts behind the last one.
 */
export function parseStatTicks(text: string): number {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
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

/** Ticks used so far by each process. Throws when one of them is gone: its time would be missing from a sum. */
export function readTicks(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) ticks += parseStatTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return ticks
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
