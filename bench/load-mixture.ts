// The load generator of mixtures: a program of ours in a process of its own.
import type { Load, LoadResult } from './load.js'
import { Problem } from './problem.js'
import { describeExit, type Processes } from './processes.js'
import { siblingCommand } from './sibling.js'

/** On one thread, pinned to `core` when given. Rejects with a Problem when it fails. */
export function mixtureLoad(processes: Processes, core: number | undefined): Load {
  return async ({ url, connections, seconds, mixture }) => {
    if (mixture === undefined) throw new Error('there is no mixture')
    const options = { port: Number(new URL(url).port), connections, seconds, run: mixture.run }
    const lines: string[] = []
    const command = [
      ...siblingCommand(import.meta.url, 'mixture-load-main'),
      mixture.file,
      JSON.stringify(options),
    ]
    const running = await processes.start('the load', command, { core, onLine: line => lines.push(line) })
    const exit = await running.exited
    if (exit.code !== 0) throw new Problem(describeExit(running, exit), 1)
    return JSON.parse(lines.join('')) as LoadResult
  }
}
