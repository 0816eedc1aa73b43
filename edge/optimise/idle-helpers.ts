// The threads of libvips: it begins them out of Node's own pool, whose threads were there before anybody could say that this
// process works behind those who serve, and it is they who do the work. Node's pool itself stays as it is: its threads write to
// the index, and whoever holds the lock of that has to get on.
import { readdirSync, readFileSync } from 'node:fs'
import { runWhenIdle } from '../../native/index.js'

const tasks = '/proc/self/task'
/** They come when the work has begun, and more of them as it goes on. */
const lookEveryMs = 20

/** `work` by threads that work when nobody else wants the core. */
export async function withIdleHelpers<Result>(work: () => Promise<Result>): Promise<Result> {
  const timer = setInterval(lowerHelpers, lookEveryMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

export function lowerHelpers(): void {
  for (const thread of readdirSync(tasks)) if (isHelper(thread)) runWhenIdle(Number(thread))
}

function isHelper(thread: string): boolean {
  try {
    return readFileSync(`${tasks}/${thread}/comm`, 'latin1') === 'libvips worker\n'
  } catch {
    // It has just ended.
    return false
  }
}
