// A scripted origin of one object that knows Range, If-Range and If-None-Match (RFC 9110 13, 14).
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** What it has now; a play changes it as it likes. */
export interface RangedObject {
  bytes: Buffer
  etag: string
  /** Over those of every answer. */
  headers?: Record<string, string>
}

export function ranged(object: RangedObject): RequestListener {
  return (request, response) => {
    const { bytes, etag, headers } = object
    const all = { 'Cache-Control': 'max-age=60', ETag: etag, 'Accept-Ranges': 'bytes', ...headers }
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, all).end()
    const range = rangeOf(request, object)
    if (range === undefined) return whole(response, all, bytes)
    const [first, last] = range
    if (first >= bytes.length) {
      return void response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end()
    }
    response.writeHead(206, {
      ...all,
      'Content-Range': `bytes ${first}-${last}/${bytes.length}`,
      'Content-Length': last - first + 1,
    })
    response.end(bytes.subarray(first, last + 1))
  }
}

function whole(response: ServerResponse, headers: Record<string, string>, bytes: Buffer): void {
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length })
  response.end(bytes)
}

function rangeOf({ headers }: IncomingMessage, { etag, bytes }: RangedObject): [number, number] | undefined {
  const found = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '')
  if (found === null || (headers['if-range'] !== undefined && headers['if-range'] !== etag)) return undefined
  const first = Number(found[1])
  return [first, Math.min(found[2] === '' ? bytes.length - 1 : Number(found[2]), bytes.length - 1)]
}

/** Of each request so far, its Range. */
export function rangesOf(
  asked: readonly { headers: { range?: string | undefined } }[],
): (string | undefined)[] {
  return asked.map(({ headers }) => headers.range)
}
