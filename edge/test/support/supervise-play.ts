// Runs naij-edge as a process for a play: gives its output, its admin socket, and sees that nothing outlives the test.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { get, request } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { Status } from '../../supervise/status.js'
import { type Settings, settingsUnder } from './supervise-config.js'
import { until } from './supervise-until.js'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string[]
  stderr: string
}

export interface Edge {
  child: ChildProcess
  /** Lines of standard output so far. */
  stdout: string[]
  ended: Promise<Ended>
  /** Resolves with the ready line; rejects when the process ends without. */
  ready(): Promise<string>
  /** Resolves with the URL of the first listener when the edge is ready. */
  url(): Promise<string>
  /** Resolves with the first log line that has these words. */
  logged(words: string): Promise<Record<string, unknown>>
  admin(path: string): Promise<{ status: number; body: string }>
  /** Purges; resolves with the answer. */
  purge(what: unknown): Promise<{ status: number; body: string }>
  status(): Promise<Status>
  /** Writes the configuration anew. */
  rewrite(settings: Settings): void
}

/** naij-edge itself. */
export const realMain = fileURLToPath(new URL('../../main.js', import.meta.url))
const supervisedMain = fileURLToPath(new URL('./supervise-main.js', import.meta.url))

/** Runs a program of ours with these words; killed at the end of the test. */
export function runProgram(
  t: Test,
  words: readonly string[],
  main = supervisedMain,
  // What these processes cover is not counted: writing it takes each of them a while.
  env: NodeJS.ProcessEnv = { ...process.env, NODE_V8_COVERAGE: '' },
) {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const stdout: string[] = []
  let stderr = ''
  createInterface({ input: child.stdout }).on('line', line => stdout.push(line))
  child.stderr.on('data', data => {
    stderr += data
  })
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, stdout, stderr }))
  t.teardown(async () => {
    // SIGTERM, not SIGKILL: it ends its own processes.
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await ended
    clearTimeout(timer)
  })
  return { child, stdout, ended }
}

/** Runs naij-edge with small workers and these settings over the smallest ones. */
export function startEdge(
  t: Test,
  settings: Settings = {},
  main = supervisedMain,
  directory = t.testdir(),
): Edge {
  const all = settingsUnder(directory, settings)
  const file = `${directory}/edge.json`
  const rewrite = (changed: Settings) => writeFileSync(file, JSON.stringify({ ...all, ...changed }))
  rewrite({})
  const { socket } = all.admin as { socket: string }
  // A killed supervisor leaves it.
  t.teardown(() => rmSync(socket, { force: true }))
  const program = runProgram(t, ['--config', file], main)
  const admin = (path: string) => ask(socket, path)
  const ready = () => Promise.race([lineOf(program.stdout, /^naij-edge ready/), failed(program.ended)])
  return {
    ...program,
    rewrite,
    admin,
    purge: what => ask(socket, '/purges', 'POST', JSON.stringify(what)),
    ready,
    url: async () => /http:\/\/\S+/.exec(await ready())![0],
    logged: async words =>
      JSON.parse(await lineOf(program.stdout, new RegExp(words))) as Record<string, unknown>,
    status: async () => JSON.parse((await admin('/status')).body) as Status,
  }
}

function lineOf(lines: readonly string[], pattern: RegExp): Promise<string> {
  return until(() => lines.find(line => pattern.test(line)))
}

async function failed(ended: Promise<Ended>): Promise<never> {
  throw new Error(`ended before it was ready: ${JSON.stringify(await ended)}`)
}

/** One request over a unix socket. */
export function ask(socketPath: string, path: string, method = 'GET', body = '') {
  return new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>(
    (resolve, reject) => {
      const asked = request({ socketPath, path, method }, response => {
        let answer = ''
        response.setEncoding('latin1').on('data', data => {
          answer += data
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: answer, headers: response.headers }),
        )
      })
      asked.on('error', reject).end(body)
    },
  )
}

/** The body of what is under a URL, over a connection of its own. Rejects when it breaks off. */
export function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', data => {
        body += data
      })
      response.on('end', () => resolve(body)).on('error', reject)
    })
    asked.on('error', reject)
  })
}

/** Resolves when the process is no more. */
export async function gone(pid: number): Promise<void> {
  await until(() => (isAlive(pid) ? undefined : true))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Resolves with the status that has so many requests: a busy worker reports late, its last report counts until then. */
export function countedRequests(edge: Edge, requests: number): Promise<Status> {
  return until(async () => {
    const status = await edge.status()
    return status.counters.requests === requests ? status : undefined
  })
}

/** Resolves with the worker that is ready in slot 0 and is not the one that died. */
export function replacementOf(edge: Edge, dead: number) {
  return until(async () => {
    const { workers } = await edge.status()
    return workers.find(({ slot, pid, state }) => slot === 0 && pid !== dead && state === 'ready')
  })
}
