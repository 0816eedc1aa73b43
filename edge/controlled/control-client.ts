// How an edge asks control: one request at a time over a unix socket, TLS, or this machine's own network, with its token.
import { readFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { ControlConfig } from '../../config/settings.js'
import { EdgeError } from '../error.js'

export interface Asking {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** A longer answer than all sites of an edge can be. */
const bodyBytesMax = 256 * 1024 * 1024

export class ControlClient {
  readonly #config: ControlConfig
  readonly #agent: http.Agent | https.Agent
  readonly #isSecure: boolean

  constructor(config: ControlConfig) {
    this.#config = config
    this.#isSecure = config.url.startsWith('https:')
    const options = { keepAlive: true, maxSockets: 8 }
    this.#agent = this.#isSecure ? new https.Agent(options) : new http.Agent(options)
  }

  close(): void {
    this.#agent.destroy()
  }

  /** The head of the answer; its body is the caller's to read. Rejects with an EdgeError when there is none in time. */
  async open({ method, path, body, signal }: Asking): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      authorization: `Bearer ${this.#token()}`,
      ...(text !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }),
    }
    const options = {
      ...this.#target(),
      method,
      path,
      headers,
      agent: this.#agent,
      ...(signal && { signal }),
    }
    const request = (this.#isSecure ? https : http).request(options)
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(noControl('control-unreachable', cause.message, cause))
      request.setTimeout(this.#config.silenceMs, () => request.destroy(new Error('it says nothing')))
      request.on('error', fail)
      request.on('response', resolve)
      request.end(text)
    })
  }

  /** The whole answer as JSON. Rejects with an EdgeError for what is no success. */
  async ask(asking: Asking): Promise<unknown> {
    const response = await this.open(asking)
    const text = await readAll(response)
    const { statusCode = 0 } = response
    if (statusCode >= 300) throw refusalOf(statusCode, text)
    return text === '' ? undefined : JSON.parse(text)
  }

  #target(): https.RequestOptions {
    const { url, caFile } = this.#config
    if (url.startsWith('unix:')) return { socketPath: url.slice('unix:'.length), host: 'control' }
    const { hostname, port } = new URL(url)
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) }
    return { host: hostname.replace(/^\[|\]$/g, ''), ...(port !== '' && { port }), ...ca }
  }

  /** Read each time: a token is changed by changing the file. */
  #token(): string {
    try {
      return readFileSync(this.#config.tokenFile, 'utf8').trim()
    } catch (cause) {
      throw noControl(
        'control-token',
        `control.tokenFile: cannot be read: ${(cause as Error).message}`,
        cause,
      )
    }
  }
}

/** Rejects with an EdgeError when it is too long or breaks off. */
export async function readAll(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of response) {
      bytes += piece.length
      if (bytes > bodyBytesMax) throw new Error(`the answer has more than ${bodyBytesMax} bytes`)
      pieces.push(piece)
    }
  } catch (cause) {
    throw noControl('control-broken', (cause as Error).message, cause)
  }
  return Buffer.concat(pieces).toString()
}

/** `status`: that of control's answer, by which callers tell. */
export function refusalOf(status: number, text: string): EdgeError {
  const detail = detailOf(text) ?? text.slice(0, 200)
  return new EdgeError('control-refused', `control answers ${status}: ${detail}`, { source: 'edge', status })
}

/** RFC 9457. */
function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown }
    return typeof detail === 'string' ? detail : undefined
  } catch {
    return undefined
  }
}

function noControl(code: string, message: string, cause: unknown): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status: 503, retry: true, cause })
}
