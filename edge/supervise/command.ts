// Does what the command line says and gives the exit code: 0 stopped, 1 bad configuration or arguments, 2 could not
// listen or open its state. What goes wrong before the edge is ready is said on standard error in plain words.
import { availableParallelism } from 'node:os'
import { nativeStatus, notifySystemd } from '../../native/index.js'
import { EdgeError } from '../error.js'
import { createLogger, type ProcessLog } from '../usage/logger.js'
import { type Command, readArguments } from './arguments.js'
import type { KeeperSource } from './keeper-slot.js'
import { type LoadedConfig, loadConfig } from './load.js'
import { Service } from './service.js'
import { forkOf } from './spawn.js'
import { Supervisor } from './supervisor.js'
import { packageVersion } from './version.js'

/**
 * Room for what lives as long as a request, MiB: beside a large hot table each collection of it costs what the table's
 * pages cost, so there are fewer of them. And nothing of a request is put among what lives long: V8 would do so after a full
 * collection, which finds all requests in progress alive, and what is dead there keeps alive all that it refers to. What lives
 * long may double before it is collected: V8 would go by how little is allocated, and look through all of it every second.
 */
const workerFlags = [
  '--min-semi-space-size=16',
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
  '--heap-growing-percent=100',
]

export interface CommandOptions {
  /** The module that each worker process runs: see work.ts. */
  workerFile: string
  /** The module that the keeper process runs (keep/obey.ts); absent: there is no keeper. */
  keeperFile?: string
  /** The module that the optimiser process runs (optimise/obey.ts); absent: there is none. */
  optimiserFile?: string
  print(text: string): void
  printError(text: string): void
}

/** `words` are the arguments after the program's name. Resolves with the exit code when everything is done. */
export async function runCommand(words: readonly string[], options: CommandOptions): Promise<number> {
  const command = readArguments(words)
  switch (command.kind) {
    case 'help':
      options.print(command.text)
      return 0
    case 'version':
      options.print(`${packageVersion()}\n`)
      return 0
    case 'wrong':
      options.printError(`naij-edge: ${command.message}\n\n${command.usage}`)
      return 1
    case 'cache':
      return lookInto(command, options)
    case 'check':
      return check(command.file, options)
    case 'run':
      return supervise(command, options)
  }
}

async function lookInto(
  { file, isJson, inspection }: Extract<Command, { kind: 'cache' }>,
  { print, printError }: CommandOptions,
): Promise<number> {
  const loaded = loadConfig(file, true)
  if (!loaded.ok) {
    printError(`${loaded.problems.join('\n')}\n`)
    return 1
  }
  const output = {
    isJson,
    line: (text: string) => print(`${text}\n`),
    note: (text: string) => printError(`naij-edge: ${text}\n`),
  }
  // What opens an index takes its time to load, and only this needs it here.
  const { inspect } = await import('../inspect/inspect.js')
  return inspect(inspection, loaded.config, output)
}

function check(file: string, options: CommandOptions): number {
  const loaded = loadConfig(file, false)
  const problems = loaded.ok ? warningsOf(loaded) : loaded.problems
  if (problems.length === 0) options.print(`${file}: ok\n`)
  else options.printError(`${problems.join('\n')}\n`)
  return problems.length === 0 ? 0 : 1
}

function warningsOf({ remarks }: LoadedConfig): string[] {
  return remarks.filter(({ level }) => level === 'warn').map(({ text }) => text)
}

async function supervise(
  { file, quiet, takesOver }: Extract<Command, { kind: 'run' }>,
  options: CommandOptions,
): Promise<number> {
  const loaded = loadConfig(file, quiet)
  if (!loaded.ok) {
    options.printError(`${loaded.problems.join('\n')}\n`)
    return 1
  }
  const { config } = loaded
  const processLog = createLogger({ level: config.log.level, bufferBytesMax: config.log.bufferBytesMax })
  const supervisor = new Supervisor({
    file,
    quiet,
    takesOver,
    service: serviceOf(processLog.log),
    loaded,
    version: packageVersion(),
    cores: availableParallelism(),
    spawn: forkOf(options.workerFile, workerFlags),
    optimiser: options.optimiserFile === undefined ? undefined : forkOf(options.optimiserFile),
    keeper: keeperOf(options.keeperFile),
    processLog,
    announce: line => options.print(`${line}\n`),
  })
  const release = obeySignals(supervisor)
  try {
    await supervisor.run()
    return 0
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error
    options.printError(`naij-edge: ${error.message}\n`)
    return 2
  } finally {
    release()
  }
}

function serviceOf(log: ProcessLog['log']): Service {
  return new Service({
    notify: message => void notifySystemd(message),
    log,
    environment: process.env,
    pid: process.pid,
    nowMicroseconds: () => process.hrtime.bigint() / 1000n,
  })
}

/** Without the addon there are no locks, so nobody could know that he alone keeps a cache. */
function keeperOf(file: string | undefined): KeeperSource {
  if (file === undefined) return { spawn: undefined, why: undefined }
  const native = nativeStatus()
  if (native.isPresent) return { spawn: forkOf(file) }
  return { spawn: undefined, why: `the native addon is not there: ${native.why}` }
}

/** The returned function takes the handlers away again. */
function obeySignals(supervisor: Supervisor): () => void {
  const handlers: [NodeJS.Signals, () => void][] = [
    ['SIGTERM', () => supervisor.stop()],
    ['SIGINT', () => supervisor.stop()],
    ['SIGHUP', () => supervisor.reload()],
    ['SIGUSR2', () => supervisor.renew()],
  ]
  for (const [signal, handler] of handlers) process.on(signal, handler)
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}
