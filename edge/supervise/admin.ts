// The admin interface: HTTP over a unix socket that only the owner and the group may use. What it says is the
// view's; here are the paths, the forms and the bounds.
import { chmodSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { EdgeError } from '../error.js'
import { metricsType, renderMetrics } from './metrics.js'
import type { Status } from './status.js'

export interface AdminView {
  /** What keeps the edge from being ready, one text each; empty when it is. */
  missing(): string[]
  /** Never rejects, and answers within moments even when a worker does not. */
  status(): Promise<Status>
}

export interface Admin {
  /** Stops listening, removes the socket, ends what is in progress. */
  close(): Promise<void>
}

interface Answer {
  status: number
  type: string
  body: string
  allow?: string
}

const headBytesMax = 8_192
const requestMs = 5_000
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
  const path = (request.url ?? '').split('?', 1)[0]!
  const answer = await answerTo(request.method ?? '', path, view)
  // One request a connection: a body that nobody asked for ends with it.
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    connection: 'close',
    ...(answer.allow === undefined ? {} : { allow: answer.allow }),
  })
  response.end(answer.body)
}

const routes = new Map<string, (view: AdminView) => Answer | Promise<Answer>>([
  ['/livez', () => ({ status: 200, type: 'text/plain; charset=utf-8', body: 'ok' })],
  ['/readyz', readiness],
  ['/status', async view => json(200, await view.status())],
  ['/metrics', async view => ({ status: 200, type: metricsType, body: renderMetrics(await view.status()) })],
])

function answerTo(method: string, path: string, view: AdminView): Answer | Promise<Answer> {
  const route = routes.get(path)
  if (!route) return json(404, { error: 'not found', paths: [...routes.keys()] })
  if (method !== 'GET') return { ...json(405, { error: 'method not allowed' }), allow: 'GET' }
  return route(view)
}

function readiness(view: AdminView): Answer {
  const missing = view.missing()
  return missing.length === 0 ? json(200, { ready: true }) : json(503, { ready: false, missing })
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
