// The load generator: runs wrk against one URL with the browser's request and reads its output.
import { join } from 'node:path'
import { Problem } from './problem.js'
import { describeExit, type Processes } from './processes.js'
import { BROWSER_FIELDS } from './request.js'
import { packageRoot } from './root.js'

export interface LoadOptions {
  url: string
  connections: number
  seconds: number
  /** For requests that are no GETs of `url`. */
  script?: Script
  /** The file of the requests of a mixture, and a number that no other run against the same server had. */
  mixture?: { file: string; run: number }
  /** Each request on a connection of its own. */
  isClosing?: boolean
}

/** A program of wrk's, and its arguments. */
export interface Script {
  file: string
  arguments: readonly string[]
}

export interface LoadResult {
  /** Answers received whole, whatever their status. */
  requests: number
  /** Connection, read, write and timeout errors. */
  socketErrors: number
  /** Answers with a status that is neither 2xx nor 3xx. */
  badAnswers: number
  requestsPerSecond: number
  /** What clients waited for answers. In a closed loop a client that waits asks for nothing meanwhile: see `open-loop`. */
  latency?: Latency | undefined
}

/** Milliseconds. */
export interface Latency {
  p50: number
  p99: number
  p999: number
}

/** Puts a load on one URL and says what came back. */
export type Load = (options: LoadOptions) => Promise<LoadResult>

/** wrk on one thread, pinned to `core` when given. Rejects with a Problem when it fails or says nothing. */
export function wrkLoad(processes: Processes, wrk: string, core: number | undefined): Load {
  return async options => {
    const lines: string[] = []
    const command = [wrk, ...wrkArguments(options)]
    const running = await processes.start('wrk', command, { core, onLine: line => lines.push(line) })
    const exit = await running.exited
    if (exit.code !== 0) throw new Problem(describeExit(running, exit), 1)
    return parseWrk(lines.join('\n'))
  }
}

/** wrk only takes whole seconds; parts are rounded up. */
export function wrkArguments(options: LoadOptions): string[] {
  const { script, isClosing } = options
  const fields = BROWSER_FIELDS.flatMap(([name, value]) => [
    '-H',
    `${name}: ${isClosing && name === 'Connection' ? 'close' : value}`,
  ])
  const seconds = Math.ceil(options.seconds)
  const scripted = ['-s', script?.file ?? join(packageRoot(), 'bench/latency.lua')]
  const further = script === undefined ? [] : ['--', ...script.arguments]
  return ['-t1', `-c${options.connections}`, `-d${seconds}s`, ...scripted, ...fields, options.url, ...further]
}

/** Reads the summary that wrk prints at its end. */
export function parseWrk(text: string): LoadResult {
  const requests = /(\d+) requests in /.exec(text)
  const perSecond = /Requests\/sec:\s+([\d.]+)/.exec(text)
  if (requests === null || perSecond === null) throw new Problem(`wrk printed no result:\n${text}`, 1)
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text)
  return {
    requests: Number(requests[1]),
    socketErrors: errors === null ? 0 : errors.slice(1).reduce((sum, count) => sum + Number(count), 0),
    badAnswers: bad === null ? 0 : Number(bad[1]),
    requestsPerSecond: Number(perSecond[1]),
    latency: parseLatency(text),
  }
}

/** The line that latency.lua prints. */
function parseLatency(text: string): Latency | undefined {
  const match = /^latency ms p50 ([\d.]+) p99 ([\d.]+) p99\.9 ([\d.]+) /m.exec(text)
  if (match === null) return undefined
  const [p50, p99, p999] = match.slice(1).map(Number)
  return { p50: p50!, p99: p99!, p999: p999! }
}
