// The load generator of HTTP/2: runs h2load against one URL with the browser's request and reads its output.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Latency, Load, LoadOptions, LoadResult } from './load.js'
import { Problem } from './problem.js'
import { describeExit, type Processes } from './processes.js'
import { BROWSER_FIELDS } from './request.js'

/** Requests that each connection has under way, as a browser that loads a page. */
export const STREAMS = 8

/** h2load on one thread, pinned to `core` when given. Rejects with a Problem when it fails or says nothing. */
export function http2Load(
  processes: Processes,
  h2load: string,
  core: number | undefined,
  directory: string,
): Load {
  return async options => {
    const lines: string[] = []
    // Its own summary knows no percentiles.
    const log = join(directory, 'h2load.log')
    await rm(log, { force: true })
    const command = [h2load, '--log-file', log, ...http2Arguments(options)]
    const running = await processes.start('h2load', command, { core, onLine: line => lines.push(line) })
    const exit = await running.exited
    if (exit.code !== 0) throw new Problem(describeExit(running, exit), 1)
    return { ...parseHttp2(lines.join('\n'), options.seconds), latency: await readLatency(log) }
  }
}

/** From lines of when a request was sent, its status, and the microseconds until its answer was whole. */
async function readLatency(log: string): Promise<Latency | undefined> {
  const lines = (await readFile(log, 'utf8')).split('\n').filter(Boolean)
  if (lines.length === 0) return undefined
  const taken = Float64Array.from(
    lines,
    line => Number(line.slice(line.lastIndexOf('\t') + 1)) / 1_000,
  ).sort()
  const at = (part: number) => taken[Math.floor((taken.length - 1) * part)]!
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

export function http2Arguments({ url, connections, seconds }: LoadOptions): string[] {
  // RFC 9113 8.2.2, 8.3.1: HTTP/2 has no Connection, and :authority in place of Host.
  const known = BROWSER_FIELDS.filter(([name]) => name.toLowerCase() !== 'connection')
  const fields = known.flatMap(([name, value]) => [
    '-H',
    `${name === 'Host' ? ':authority' : name}: ${value}`,
  ])
  return ['-t1', `-c${connections}`, `-m${STREAMS}`, `-D${Math.ceil(seconds)}`, ...fields, url]
}

/** Reads the summary that h2load prints at its end. A connection that speaks something else is a Problem. */
export function parseHttp2(text: string, seconds: number): Omit<LoadResult, 'latency'> {
  const counts = /requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed/.exec(text)
  const statuses = /status codes: \d+ 2xx, \d+ 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text)
  if (counts === null || statuses === null) throw new Problem(`h2load printed no result:\n${text}`, 1)
  if (!/^Application protocol: h2$/m.test(text)) throw new Problem(`h2load spoke no HTTP/2:\n${text}`, 1)
  const [requests, failed] = counts.slice(1).map(Number)
  const bad = statuses.slice(1).reduce((sum, count) => sum + Number(count), 0)
  // What failed has its status counted too.
  return {
    requests: requests!,
    socketErrors: Math.max(0, failed! - bad),
    badAnswers: bad,
    requestsPerSecond: requests! / Math.ceil(seconds),
  }
}
