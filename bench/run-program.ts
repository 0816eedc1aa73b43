// What both programs of the bench do around their work: nothing they start outlives them, an interrupt stops all of it,
// and a Problem is printed as a sentence.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from './problem.js'
import { Processes } from './processes.js'
import { packageRoot } from './root.js'

/** `work` gives the exit code. */
export async function runProgram(
  name: string,
  work: (processes: Processes) => Promise<number>,
): Promise<void> {
  const processes = new Processes()
  let interrupted = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Asked again, it does not wait: what still runs is killed at exit.
      if (interrupted) process.exit(130)
      interrupted = true
      void processes.stopAll()
    })
  }
  process.on('exit', () => processes.killAll())
  try {
    process.exitCode = await work(processes)
  } catch (error) {
    if (!interrupted && !(error instanceof Problem)) throw error
    console.error(interrupted ? `${name}: interrupted` : `${name}: ${(error as Problem).message}`)
    process.exitCode = interrupted ? 130 : (error as Problem).exitCode
  }
}

/** An empty directory for everything that a run writes but its report; it and all processes are gone afterwards. */
export async function inRunDirectory<T>(
  processes: Processes,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const base = join(packageRoot(), 'var/bench')
  await mkdir(base, { recursive: true })
  const directory = await mkdtemp(join(base, 'run-'))
  try {
    return await work(directory)
  } finally {
    await processes.stopAll()
    await rm(directory, { recursive: true, force: true })
  }
}
