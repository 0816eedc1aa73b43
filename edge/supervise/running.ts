// Another supervisor that runs on the same admin socket: who it is, and how it hands over what only one may hold, which
// are the lock of the keeper, the link to control, the admin socket. Both serve meanwhile, on the same ports.
import { lstatSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { EdgeError } from '../error.js'

export interface RunningEdge {
  readonly pid: number
  readonly version: string
  /** That it listens on. */
  readonly ports: readonly number[]
}

/** To say who it is. */
const statusMs = 5_000
/** To let go: its helpers may have work to end. */
const handOverMs = 15_000
const lookEveryMs = 10

/** Undefined: nobody answers there. Rejects (`hand-over`) when who answers is no edge that can hand over. */
export async function findRunning(socketPath: string): Promise<RunningEdge | undefined> {
  if (!lstatSync(socketPath, { throwIfNoEntry: false })?.isSocket()) return undefined
  const answer = await ask(socketPath, 'GET', '/status', statusMs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') return undefined
    throw cannot(`what listens on ${socketPath} does not say who it is: ${error.message}`)
  })
  if (answer === undefined) return undefined
  const { pid, version, state, listeners } = readStatus(answer.body, socketPath)
  if (state !== 'running') throw cannot(`naij-edge ${version} (${pid}) is ${state}`)
  return { pid, version, ports: listeners.map(({ port }) => port) }
}

interface Said {
  pid: number
  version: string
  state: string
  listeners: { port: number }[]
}

function readStatus(body: string, socketPath: string): Said {
  try {
    const { pid, version, state, listeners } = JSON.parse(body) as Said
    if (Number.isInteger(pid) && Array.isArray(listeners)) return { pid, version, state, listeners }
  } catch {
    // Said below.
  }
  throw cannot(`what listens on ${socketPath} is no naij-edge`)
}

/** Resolves when it has let go of everything; from then on it only finishes what it has begun. */
export async function takeOverFrom({ pid, version }: RunningEdge, socketPath: string): Promise<void> {
  const who = `naij-edge ${version} (${pid})`
  const answer = await ask(socketPath, 'POST', '/hand-over', handOverMs).catch((error: Error) => {
    throw cannot(`${who} does not answer: ${error.message}`)
  })
  if (answer.status !== 200) throw cannot(`${who} does not hand over: ${answer.status} ${answer.body.trim()}`)
  const endMs = performance.now() + handOverMs
  // It removes its socket after the answer.
  while (lstatSync(socketPath, { throwIfNoEntry: false }) !== undefined) {
    if (performance.now() > endMs) throw cannot(`${who} does not leave ${socketPath}`)
    await setTimeoutPromise(lookEveryMs)
  }
}

function cannot(message: string): EdgeError {
  return new EdgeError('hand-over', `cannot take over: ${message}`, { source: 'edge', status: 503 })
}

function ask(socketPath: string, method: string, path: string, timeoutMs: number) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    request({ socketPath, path, method, signal }, answer => {
      text(answer).then(body => resolve({ status: answer.statusCode ?? 0, body }), reject)
    })
      .once('error', reject)
      .end()
  })
}
