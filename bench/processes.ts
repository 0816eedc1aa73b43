// Every child process of the bench and the demo, so that none is left behind: started here, stopped here.
// Each child leads its own process group: Ctrl-C in a terminal reaches only us, and we end the children in order.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Problem } from './problem.js'

/** How long a child may take to end after SIGTERM before its whole group is killed. */
const STOP_TIMEOUT_MS = 30_000
/** How much of a child's stderr is kept for the message when it fails. */
const STDERR_CHARACTERS_MAX = 4_000

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Running {
  readonly name: string
  readonly pid: number
  readonly child: ChildProcess
  /** Settles when the process and its output have ended; never rejects. */
  readonly exited: Promise<Exit>
  /** The last part of what it wrote to stderr. */
  stderrTail(): string
}

export interface StartOptions {
  /** The CPU core to pin the process to; undefined leaves it to the scheduler. */
  core?: number | undefined
  directory?: string
  /** Takes its stdout instead of `onLine`. */
  outputFile?: string
  /** Called for each line of stdout. Without it stdout is read and dropped, so that the child never blocks on it. */
  onLine?: (line: string) => void
}

export class Processes {
  #running = new Set<Running>()
  /** Those that have been asked to end: asked once, since a second SIGTERM makes some servers drop their work. */
  #ending = new Map<Running, Promise<void>>()
  #state: 'open' | 'stopping' = 'open'

  /** Everything is being ended: what fails now fails for that. */
  get isStopping(): boolean {
    return this.#state === 'stopping'
  }

  /** Starts a program; throws a Problem when it cannot be started or when everything is being stopped. */
  async start(name: string, command: readonly string[], options: StartOptions = {}): Promise<Running> {
    if (this.#state === 'stopping') throw new Problem('stopping', 1)
    const [program, ...args] = pinned(command, options.core)
    const output = options.outputFile === undefined ? undefined : openSync(options.outputFile, 'a')
    const child = spawn(program!, args, {
      cwd: options.directory,
      detached: true,
      stdio: ['ignore', output ?? 'pipe', 'pipe'],
    })
    if (output !== undefined) closeSync(output)
    const running = watch(name, child, options.onLine)
    this.#running.add(running)
    void running.exited.then(() => this.#forget(running))
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw new Problem(`${name} does not start: ${(error as Error).message}`)
    }
    return running
  }

  #forget(running: Running): void {
    this.#running.delete(running)
    this.#ending.delete(running)
  }

  /** SIGTERM, wait, and SIGKILL for the whole group when it does not end in time. */
  stop(running: Running, timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
    if (!this.#running.has(running)) return Promise.resolve()
    const ending = this.#ending.get(running) ?? end(running, timeoutMs)
    this.#ending.set(running, ending)
    return ending
  }

  /** Stops all, latest first; nothing can be started afterwards. */
  async stopAll(): Promise<void> {
    this.#state = 'stopping'
    await Promise.all([...this.#running].reverse().map(running => this.stop(running)))
  }

  /** For the last moment of the process, where nothing can be awaited. */
  killAll(): void {
    for (const running of this.#running) killGroup(running)
  }
}

async function end(running: Running, timeoutMs: number): Promise<void> {
  running.child.kill('SIGTERM')
  const timer = setTimeout(() => killGroup(running), timeoutMs)
  await running.exited
  clearTimeout(timer)
}

function pinned(command: readonly string[], core: number | undefined): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command]
}

function watch(name: string, child: ChildProcess, onLine?: (line: string) => void): Running {
  let tail = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_CHARACTERS_MAX)
  })
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', line => onLine?.(line))
  const exited = new Promise<Exit>(resolve => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  return { name, pid: child.pid ?? 0, child, exited, stderrTail: () => tail.trim() }
}

function killGroup(running: Running): void {
  if (running.pid === 0) return
  try {
    process.kill(-running.pid, 'SIGKILL')
  } catch (error) {
    // ESRCH: the group has ended by itself in between, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** One sentence on how a process ended, with the last it wrote to stderr. */
export function describeExit(running: Running, exit: Exit): string {
  const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`
  const tail = running.stderrTail()
  return `${running.name} ended ${how}${tail === '' ? '' : `:\n${tail}`}`
}
