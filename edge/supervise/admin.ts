// The admin interface: HTTP over a unix socket that only the owner and the group may use. What it says is the
// view's; here are the paths, the forms and the bounds.
import { chmodSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { EdgeError } from '../error.js'
import { type AskWorker, answerExplain } from './explain.js'
import { metricsType, renderMetrics } from './metrics.js'
import type { Status } from './status.js'

export interface AdminView {
  /** What keeps the edge from being ready, one text each; empty when it is. */
  missing(): string[]
  /** Never rejects, and answers within moments even when a worker does not. */
  status(): Promise<Status>
  /** Lets go of what only one edge may hold, for another one. */
  handOver(): Promise<Answer>
  /** Answers a purge, whose body this is. */
  purge(body: string): Promise<Answer>
  /** What would become of a request; rejects with an EdgeError when no worker can say. */
  explain: AskWorker
}

export interface Admin {
  /** Stops listening, removes the socket, ends what is in progress. */
  close(): Promise<void>
}

export interface Answer {
  status: number
  type: string
  body: string
  allow?: string
  /** Called once, when the answer has been sent, or with false when whom it was for has left. */
  onSent?(isHeard: boolean): void
}

/** Room for a long URL to be explained, percent-encoded. */
const headBytesMax = 65_536
const requestMs = 5_000
/** Of what is sent to us: a thousand long URLs. */
const bodyBytesMax = 8 * 1024 * 1024
const connectionsMax = 32

/** Listens on `path` (mode 0660); rejects with an EdgeError `admin-socket` when it cannot. */
export async function openAdmin(path: string, view: AdminView): Promise<Admin> {
  const server = createServer(
    { maxHeaderSize: headBytesMax, requestTimeout: requestMs, headersTimeout: requestMs },
    (request, response) => void handle(request, response, view),
  )
  server.maxConnections = connectionsMax
  server.timeout = 2 * requestMs
  await listen(server, path)
  chmodSync(path, 0o660)
  return { close: () => close(server) }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `admin.socket: cannot listen on ${path}: ${cause.message}`
      reject(new EdgeError('admin-socket', message, { source: 'edge', status: 503, cause }))
    })
    server.listen(path, resolve)
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function handle(request: IncomingMessage, response: ServerResponse, view: AdminView): Promise<void> {
  const answer = await answerSoundly(request, view)
  // One request a connection: a body that nobody asked for ends with it.
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    connection: 'close',
    ...(answer.allow === undefined ? {} : { allow: answer.allow }),
  })
  const { onSent } = answer
  if (onSent !== undefined) {
    const told = once(onSent)
    response.once('finish', () => told(true)).once('close', () => told(false))
    // Who has left before this never comes to either.
    if (response.destroyed) told(false)
  }
  response.end(answer.body)
}

function once(call: (is: boolean) => void): (is: boolean) => void {
  let isDone = false
  return is => {
    if (!isDone) call(is)
    isDone = true
  }
}

/** Whatever goes wrong with an answer, the supervisor goes on. */
async function answerSoundly(request: IncomingMessage, view: AdminView): Promise<Answer> {
  try {
    return await answerTo(request, view)
  } catch (error) {
    return refusal(500, 'internal', error instanceof Error ? error.message : String(error))
  }
}

interface Asked {
  request: IncomingMessage
  /** Without its `?`. */
  query: string
  /** The field Accept, '' when absent. */
  accept: string
}

interface Route {
  method: 'GET' | 'POST'
  answer: (view: AdminView, asked: Asked) => Answer | Promise<Answer>
}

const routes = new Map<string, Route>([
  get('/livez', () => ({ status: 200, type: 'text/plain; charset=utf-8', body: 'ok' })),
  get('/readyz', readiness),
  get('/status', async view => json(200, await view.status())),
  get('/metrics', async view => {
    return { status: 200, type: metricsType, body: renderMetrics(await view.status()) }
  }),
  get('/explain', (view, { query, accept }) => answerExplain(query, accept, view.explain)),
  ['/purges', { method: 'POST', answer: answerBody }],
  ['/hand-over', { method: 'POST', answer: view => view.handOver() }],
])

function get(path: string, answer: Route['answer']): [string, Route] {
  return [path, { method: 'GET', answer }]
}

async function answerBody(view: AdminView, { request }: Asked): Promise<Answer> {
  const body = await readBody(request)
  return body === undefined
    ? refusal(413, 'body-too-large', `the body may have ${bodyBytesMax} bytes`)
    : view.purge(body)
}

/** Undefined when it is too long. Rejects when it breaks off. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request) {
    bytes += piece.length
    if (bytes > bodyBytesMax) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

function answerTo(request: IncomingMessage, view: AdminView): Answer | Promise<Answer> {
  const { url = '', method, headers } = request
  const queryAt = url.indexOf('?')
  const route = routes.get(queryAt === -1 ? url : url.slice(0, queryAt))
  if (!route) return refusal(404, 'not-found', `there is only ${[...routes.keys()].join(', ')}`)
  if (method !== route.method) {
    return {
      ...refusal(405, 'method-not-allowed', `there is only ${route.method}`),
      allow: route.method,
    }
  }
  return route.answer(view, {
    request,
    query: queryAt === -1 ? '' : url.slice(queryAt + 1),
    accept: headers.accept ?? '',
  })
}

function readiness(view: AdminView): Answer {
  const missing = view.missing()
  return missing.length === 0 ? json(200, { ready: true }) : json(503, { ready: false, missing })
}

export function refusal(status: number, code: string, message: string): Answer {
  return json(status, { error: { code, message } })
}

export function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
