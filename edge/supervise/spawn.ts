// The one place that makes processes: forks a worker, or the keeper, with an IPC channel and the supervisor's own stdio.
// What is said over the channel is link.ts's and keeper-slot.ts's.
import { type ChildProcess, fork } from 'node:child_process'
import type { FromWorker, ToWorker } from './messages.js'

export interface ProcessEvents<From = FromWorker> {
  message(message: From): void
  /** Once, after the last message. Both null when the process could not be made. */
  exit(code: number | null, signal: NodeJS.Signals | null): void
}

export interface SpawnedProcess<To = ToWorker> {
  /** -1 when the process could not be made. */
  readonly pid: number
  /** Dropped when the process is gone: `exit` says so. */
  send(message: To): void
  kill(signal: NodeJS.Signals): void
}

/** Makes a process and tells of it; a test gives one without processes. */
export type Spawn<To = ToWorker, From = FromWorker> = (events: ProcessEvents<From>) => SpawnedProcess<To>

/** Of a forked process: standard output of this one, for its log. */
export const logDescriptor = 4

/** How long after the exit the last messages of a process are awaited. */
const lastMessagesMs = 100

/**
 * A `Spawn` that forks `file` (a module that calls `runWorker` or `runKeeper`) with these flags of node; those that this
 * process was started with come behind and win.
 */
export function forkOf<To extends object = ToWorker, From = FromWorker>(
  file: string,
  flags: readonly string[] = [],
): Spawn<To, From> {
  return events => {
    const child = forkIfPossible(file, flags)
    if (!child) {
      setImmediate(events.exit, null, null)
      return { pid: -1, send: () => {}, kill: () => {} }
    }
    child.on('message', message => events.message(message as From))
    onGone(child, events.exit)
    return {
      pid: child.pid ?? -1,
      send: message => void child.send(message, () => {}),
      kill: signal => void child.kill(signal),
    }
  }
}

/** A machine without memory or processes to spare makes `fork` throw; the next try may do better. */
function forkIfPossible(file: string, flags: readonly string[]): ChildProcess | undefined {
  try {
    const execArgv = [...flags, ...process.execArgv]
    // The engine prints words of its own to standard output; the log has a descriptor to itself.
    return fork(file, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc', 1], execArgv })
  } catch (error) {
    console.error('naij-edge: cannot make a process:', error)
    return undefined
  }
}

/** Node may tell the exit before it has read the channel to its end: wait for both, so that no report is lost. */
function onGone(child: ChildProcess, gone: ProcessEvents['exit']): void {
  child.once('error', () => {
    if (child.pid === undefined) gone(null, null)
  })
  child.once('exit', (code, signal) => {
    if (!child.connected) return gone(code, signal)
    const timer = setTimeout(() => gone(code, signal), lastMessagesMs)
    child.once('disconnect', () => {
      clearTimeout(timer)
      setImmediate(gone, code, signal)
    })
  })
}
