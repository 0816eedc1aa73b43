// Starts a program and waits until it is ready: by a line on its stdout, or by its port accepting a connection. Stopping it is left to processes.ts.
import { connect } from 'node:net'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { Problem } from './problem.js'
import { describeExit, type Exit, type Processes, type Running, type StartOptions } from './processes.js'

export interface ReadyOptions extends StartOptions {
  /** The line that means ready. */
  ready: RegExp
  timeoutMs: number
}

export interface Ready {
  running: Running
  match: RegExpExecArray
}

/**
 * Resolves with the process and the match of the ready line. Lines before and after it go to `onLine`.
 * Throws a Problem, its exit code that of the process where it has one, when the process ends first or is too slow.
 */
export async function startReady(
  processes: Processes,
  name: string,
  command: readonly string[],
  options: ReadyOptions,
): Promise<Ready> {
  let announce: (match: RegExpExecArray) => void = () => {}
  const announced = new Promise<RegExpExecArray>(resolve => {
    announce = resolve
  })
  const onLine = (line: string): void => {
    const match = options.ready.exec(line)
    if (match === null) options.onLine?.(line)
    else announce(match)
  }
  const running = await processes.start(name, command, { ...options, onLine })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const message = `${name} is not ready after ${options.timeoutMs} ms`
    timer = setTimeout(() => reject(new Problem(message, 1)), options.timeoutMs)
  })
  const ended = running.exited.then(exit => {
    throw new Problem(describeExit(running, exit), exit.code || 1)
  })
  try {
    return { running, match: await Promise.race([announced, ended, late]) }
  } catch (error) {
    await processes.stop(running)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

export interface ListeningOptions extends StartOptions {
  /** The port on 127.0.0.1 that must accept a connection. */
  port: number
  timeoutMs: number
}

/** Between two attempts to connect to a server that announces nothing. */
const CONNECT_INTERVAL_MS = 20

/** The same for a program that says nothing when ready: tries to connect until it is accepted. */
export async function startListening(
  processes: Processes,
  name: string,
  command: readonly string[],
  options: ListeningOptions,
): Promise<Running> {
  const running = await processes.start(name, command, options)
  const deadline = performance.now() + options.timeoutMs
  let ended: Exit | undefined
  void running.exited.then(exit => {
    ended = exit
  })
  while (!(await accepts(options.port))) {
    if (ended !== undefined) throw new Problem(describeExit(running, ended), ended.code || 1)
    if (performance.now() > deadline) {
      await processes.stop(running)
      throw new Problem(`${name} does not listen after ${options.timeoutMs} ms`, 1)
    }
    await setTimeoutPromise(CONNECT_INTERVAL_MS)
  }
  return running
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
