// What the kernel says of the threads of a process (proc(5)).
import { readdirSync, readFileSync } from 'node:fs'

export interface ThreadStat {
  name: string
  /** sched(7); 3: SCHED_BATCH, 5: SCHED_IDLE. */
  policy: number
  niceness: number
}

/** By the thread's number. One that ends while they are read is not among them. */
export function threadsOf(pid: number | 'self' = 'self'): Map<number, ThreadStat> {
  const found = new Map<number, ThreadStat>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = ifItLives(() => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1'))
    if (text !== undefined) found.set(Number(thread), parse(text))
  }
  return found
}

/** The length of the thread's turns in ns, where the kernel says it. */
export function turnNsOf(thread: number): number | undefined {
  const text = ifItLives(() => readFileSync(`/proc/self/task/${thread}/sched`, 'latin1'))
  const said = /^se\.slice\s*:\s*(\d+)/m.exec(text ?? '')
  return said === null ? undefined : Number(said[1])
}

/** The name stands in parentheses and may hold any character; the fields after it are numbered from 3 on. */
function parse(text: string): ThreadStat {
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ')
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    policy: Number(fields[38]),
    niceness: Number(fields[16]),
  }
}

function ifItLives<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    // Opened after its end, or read after it.
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
