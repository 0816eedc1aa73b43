// The one request that every peer gets, and a plain client that sends it once to look at the answer.
// The measuring itself is left to load.ts.
import { type Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** What Chrome sends for an image of the page it shows: 12 fields, Host included. [name, value] in its order. */
export const BROWSER_FIELDS: readonly (readonly [string, string])[] = [
  ['Host', 'www.bench.example'],
  ['Connection', 'keep-alive'],
  ['sec-ch-ua-platform', '"Linux"'],
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  ],
  ['sec-ch-ua', '"Not)A;Brand";v="8", "Chromium";v="138", "Google Chrome";v="138"'],
  ['sec-ch-ua-mobile', '?0'],
  ['Accept', 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-Mode', 'no-cors'],
  ['Sec-Fetch-Dest', 'image'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Accept-Language', 'en-NG,en;q=0.9,yo;q=0.8'],
]

/** No answer to a single request may take longer. */
const ANSWER_TIMEOUT_MS = 30_000

export interface Answer {
  status: number
  /** Lower-case names; repeated lines joined by node:http. */
  fields: Record<string, string | string[] | undefined>
  body: Buffer
}

export interface Question {
  fields?: Record<string, string>
  /** A POST with so many bytes. */
  requestBytes?: number | undefined
  agent?: Agent
}

/** One request with the browser's fields, on a connection of its own; rejects on a broken or late answer. */
export function ask(url: string, { fields, requestBytes, agent }: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...Object.fromEntries(BROWSER_FIELDS), ...fields }
    const method = requestBytes === undefined ? 'GET' : 'POST'
    const options = {
      method,
      headers,
      agent: agent ?? false,
      timeout: ANSWER_TIMEOUT_MS,
      rejectUnauthorized: false,
    }
    // Nobody has signed the certificates of the bench.
    const send = url.startsWith('https:') ? httpsRequest : httpRequest
    const request = send(url, options, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, fields: response.headers, body: Buffer.concat(chunks) })
        if (agent === undefined) request.destroy()
      })
    })
    request.once('timeout', () =>
      request.destroy(new Error(`no answer from ${url} in ${ANSWER_TIMEOUT_MS} ms`)),
    )
    request.once('error', reject)
    request.end(requestBytes === undefined ? undefined : Buffer.alloc(requestBytes, 'x'))
  })
}

/** True when the answer says that it came from a cache: Cache-Status (RFC 9211), X-Cache, or Traffic Server's Via. */
export function saysHit({ fields }: Answer): boolean {
  const cacheStatus = String(fields['cache-status'] ?? '')
  return (
    /;\s*hit\s*(;|,|$)/.test(cacheStatus) ||
    fields['x-cache'] === 'HIT' ||
    // `cH`: found fresh on disk; `cR`: in memory.
    /\(ApacheTrafficServer\S* \[c[HR]/.test(String(fields.via ?? ''))
  )
}
