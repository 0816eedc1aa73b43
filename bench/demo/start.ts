// `npm start`: the demo as a program. Reads the command line, turns signals into a stop, prints problems.
// What it does is in run.ts.
import { Problem } from '../problem.js'
import { Processes, type Running } from '../processes.js'
import { packageRoot } from '../root.js'
import { HELP, parseDemoOptions } from './options.js'
import { runDemo } from './run.js'

const processes = new Processes()
const stop = new AbortController()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked again, it does not wait: what still runs is killed at exit.
    if (stop.signal.aborted) process.exit(130)
    console.log('\nStopping.')
    stop.abort()
  })
}
// Whoever started it with a channel is gone: nobody else would stop it.
process.once('disconnect', () => stop.abort())
process.channel?.unref()
let edge: Running | undefined
process.on('SIGUSR2', () => edge?.child.kill('SIGUSR2'))
process.on('exit', () => processes.killAll())

try {
  const ports = parseDemoOptions(process.argv.slice(2))
  if (ports === undefined) console.log(HELP)
  else {
    const print = (text: string) => console.log(text)
    const onEdge = (running: Running) => {
      edge = running
    }
    await runDemo({ ...ports, root: packageRoot(), processes, print, stop: stop.signal, onEdge })
  }
} catch (error) {
  if (!(error instanceof Problem)) throw error
  console.error(`demo: ${error.message}`)
  process.exitCode = error.exitCode
}
