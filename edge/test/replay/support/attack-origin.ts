// Answers of every kind, each the same however often it is asked for: by the path of its target.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { noise } from '../../support/play.js'

interface Kind {
  status?: number
  fields: Record<string, string | string[]>
  body?: Buffer
}

const long = 'max-age=600'
const bytes = { 'content-type': 'application/octet-stream' }
const page = Buffer.from('<p>the same words, again and again</p>\n'.repeat(100))
const large = noise(12_000)
/** What says this is asked anew at any moment: where it came from is not compared. */
export const looseField = 'x-loose'
const loose = { [looseField]: '1' }

const kinds: Record<string, Kind> = {
  plain: { fields: { 'cache-control': long, ...bytes } },
  etag: {
    fields: {
      'cache-control': long,
      ...bytes,
      etag: '"1"',
      'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
    },
  },
  page: { fields: { 'cache-control': long, 'content-type': 'text/html', etag: 'W/"1"' }, body: page },
  coded: {
    fields: {
      'cache-control': long,
      'content-type': 'text/html',
      'content-encoding': 'gzip',
      vary: 'accept-encoding',
    },
    body: gzipSync(page),
  },
  language: { fields: { 'cache-control': long, ...bytes, vary: 'accept-language', ...loose } },
  cookie: { fields: { 'cache-control': long, ...bytes, vary: 'cookie', ...loose } },
  every: { fields: { 'cache-control': long, ...bytes, vary: '*', ...loose } },
  set: { fields: { 'cache-control': `public, ${long}`, ...bytes, 'set-cookie': ['a=1', 'b=2'] } },
  private: { fields: { 'cache-control': 'private, max-age=600', ...bytes, ...loose } },
  'no-cache': { fields: { 'cache-control': 'no-cache', ...bytes, etag: '"n"', ...loose } },
  short: { fields: { 'cache-control': 'max-age=1', ...bytes, etag: '"s"', ...loose } },
  stale: { fields: { 'cache-control': 'max-age=1, stale-while-revalidate=5', ...bytes, ...loose } },
  gone: { status: 404, fields: { 'cache-control': long, ...bytes } },
  moved: { status: 301, fields: { 'cache-control': long, location: '/plain', ...bytes } },
  empty: { fields: { 'cache-control': long, ...bytes }, body: Buffer.alloc(0) },
  nothing: { status: 204, fields: { 'cache-control': long } },
  grouped: { fields: { 'cache-control': long, ...bytes, 'cache-groups': '"g"', 'cache-tag': 'one, two' } },
  tagged: { fields: { 'cache-control': long, ...bytes, 'cache-tag': 'one, two' } },
  offered: {
    fields: {
      'cache-control': long,
      'content-type': 'text/javascript',
      'use-as-dictionary': 'match="/offered*"',
    },
    body: page,
  },
  'photo.png': { fields: { 'cache-control': long, 'content-type': 'image/png' } },
  large: { fields: { 'cache-control': long, ...bytes, etag: '"l"' }, body: large },
  wide: { fields: { 'cache-control': long, ...bytes, 'x-wide': 'w'.repeat(7_000) } },
}

export const paths = Object.keys(kinds).map(name => `/${name}`)

export const attackOrigin: RequestListener = (request: IncomingMessage, response: ServerResponse) => {
  request.resume()
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const kind = kinds[path.slice(1)] ?? { fields: { 'cache-control': 'no-store', ...bytes, ...loose } }
  const { 'accept-language': language = '', cookie = '' } = request.headers
  const own = path === '/language' ? language : path === '/cookie' ? cookie : ''
  const body = kind.body ?? Buffer.from(`${request.url} ${own}`, 'latin1')
  const { status = 200, fields } = kind
  if (fields.etag !== undefined && request.headers['if-none-match'] === fields.etag) {
    response.writeHead(304, fields).end()
    return
  }
  response.writeHead(status, { ...fields, ...(status !== 204 && { 'content-length': body.length }) })
  response.end(request.method === 'HEAD' || status === 204 ? undefined : body)
}
