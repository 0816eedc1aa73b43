// The demo's origin: an ordinary web server on node:http that knows nothing of the edge in front of it. It answers
// GET and HEAD from content.ts and endpoints.ts, conditions (resource.ts) with 304.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Content } from './content.js'
import { type EndpointAnswer, makeEndpoints } from './endpoints.js'
import { fieldsOf, isUnchanged, type Resource } from './resource.js'

/** A connection that sends no head or waits idly for longer is closed. */
const HEAD_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 60_000

/** The server, not yet listening. */
export function makeOrigin(content: Content): Server {
  const endpoints = makeEndpoints()
  const find = (path: string, request: IncomingMessage): EndpointAnswer => {
    const endpoint = endpoints.get(path)
    if (endpoint === undefined) return content.resources.get(path) ?? content.notFound
    return endpoint({ acceptLanguage: request.headers['accept-language'] ?? '', now: new Date() })
  }
  const options = { headersTimeout: HEAD_TIMEOUT_MS, keepAliveTimeout: IDLE_TIMEOUT_MS }
  return createServer(options, (request, response) => void answer(request, response, find))
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  find: (path: string, request: IncomingMessage) => EndpointAnswer,
): Promise<void> {
  // Read and dropped: this site takes nothing, and an unread body would block the connection.
  request.resume()
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
    return
  }
  const found = find(request.url?.split('?', 1)[0] ?? '/', request)
  if (found.delayMs !== undefined) await setTimeoutPromise(found.delayMs)
  send(request, response, found)
}

function send(request: IncomingMessage, response: ServerResponse, resource: Resource): void {
  const fields = fieldsOf(resource)
  if (isUnchanged(resource, request.headers)) {
    // RFC 9110 15.4.5: the fields that a cache needs to keep its copy, not those that describe the body.
    const { 'Content-Type': _, ...kept } = fields
    response.writeHead(304, kept).end()
    return
  }
  response.writeHead(resource.status, { ...fields, 'Content-Length': resource.body.length })
  response.end(request.method === 'HEAD' ? undefined : resource.body)
}
