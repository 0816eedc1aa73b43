// The torture's origin: versions that change with time, bodies that follow from them, in every framing, some of them slow
// and some broken off.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Content, contentOf, piece } from './content.js'

const PIECE_BYTES = 60_000
const VERSION_MS = 3_000
const SLOW_MS = 20
const SLOW_PIECES = 25

export function startOrigin(): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const content = contentOf(String(request.url))
  const version = versionNow(content, request)
  const etag = `"${version}"`
  const fields = { ...fieldsOf(content), ETag: etag, 'X-Version': version }
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304, fields).end()
  const range = content.behaviour === 'ranged' ? rangeOf(request, etag, content.bytes) : undefined
  if (range !== undefined) return answerPart(response, content, version, fields, range)
  const isKnown = content.behaviour !== 'chunked' && content.behaviour !== 'slow'
  response.writeHead(200, isKnown ? { ...fields, 'Content-Length': content.bytes } : fields)
  if (request.method === 'HEAD') return void response.end()
  await write(response, content, version)
}

/** RFC 9110 14.2, 13.1.5: undefined when the whole is the answer. */
function rangeOf(
  { headers }: IncomingMessage,
  etag: string,
  bytes: number,
): { first: number; last: number } | undefined {
  const found = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '')
  if (found === null || (headers['if-range'] !== undefined && headers['if-range'] !== etag)) return undefined
  const first = Number(found[1])
  if (first >= bytes) return undefined
  return { first, last: Math.min(found[2] === '' ? bytes - 1 : Number(found[2]), bytes - 1) }
}

async function answerPart(
  response: ServerResponse,
  content: Content,
  version: string,
  fields: Record<string, string>,
  { first, last }: { first: number; last: number },
): Promise<void> {
  response.writeHead(206, {
    ...fields,
    'Content-Range': `bytes ${first}-${last}/${content.bytes}`,
    'Content-Length': last - first + 1,
  })
  for (let at = first; at <= last && !response.destroyed; ) {
    const part = piece(content.target, version, at, Math.min(PIECE_BYTES, last + 1 - at))
    at += part.length
    if (!response.write(part)) await drained(response)
  }
  response.end()
}

function versionNow({ behaviour }: Content, request: IncomingMessage): string {
  const version = `${Math.floor(Date.now() / VERSION_MS)}`
  return behaviour === 'vary' ? `${version}-${request.headers['x-kind'] ?? ''}` : version
}

function fieldsOf({ behaviour }: Content): Record<string, string> {
  switch (behaviour) {
    case 'private':
      return { 'Cache-Control': 'private' }
    case 'vary':
      return { 'Cache-Control': 'max-age=2', Vary: 'X-Kind' }
    case 'stale':
      return { 'Cache-Control': 'max-age=1, stale-while-revalidate=60' }
    case 'validated':
      return { 'Cache-Control': 'max-age=1' }
    default:
      return { 'Cache-Control': 'max-age=5' }
  }
}

async function write(response: ServerResponse, content: Content, version: string): Promise<void> {
  const { target, bytes, behaviour } = content
  const isSlow = behaviour === 'slow'
  const pieceBytes = isSlow ? Math.max(Math.ceil(bytes / SLOW_PIECES), 1) : PIECE_BYTES
  const end = behaviour === 'breaks' ? Math.floor(bytes / 2) : bytes
  for (let at = 0; at < end; ) {
    const part = piece(target, version, at, Math.min(pieceBytes, end - at))
    at += part.length
    if (response.destroyed) return
    if (!response.write(part)) await drained(response)
    if (isSlow) await new Promise(resolve => setTimeout(resolve, SLOW_MS))
  }
  if (behaviour === 'breaks') response.destroy()
  else response.end()
}

/** Or closed. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
