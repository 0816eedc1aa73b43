// The load generator: runs wrk against one URL with the browser's request and reads its output.
import { Problem } from './problem.js'
import { describeExit, type Processes } from './processes.js'
import { BROWSER_FIELDS } from './request.js'

export interface LoadOptions {
  url: string
  connections: number
  seconds: number
  /** For requests that are no GETs of `url`. */
  script?: Script
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
  const fields = BROWSER_FIELDS.flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const seconds = Math.ceil(options.seconds)
  const { script } = options
  const scripted = script === undefined ? [] : ['-s', script.file]
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
  }
}
