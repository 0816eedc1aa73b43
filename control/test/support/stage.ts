// Control as a play has it: real state on the disk, a real socket, a clock that the play moves.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parseControl } from '../../../config/control.js'
import { startControl } from '../../start.js'

export interface Reply {
  status: number
  etag: string | undefined
  type: string | undefined
  location: string | undefined
  body: ReturnType<typeof JSON.parse>
}

export interface Stage {
  readonly url: string
  readonly directory: string
  /** Of the first admin. */
  readonly token: string
  clock: { nowMs: number }
  /** `body`: sent as JSON. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** The same by another token; '' is none. */
  askAs(
    token: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply>
  /** Ends it and starts another one on the same state. */
  restart(): Promise<void>
}

export async function stage(
  t: Test,
  limits: Record<string, unknown> = {},
  directory = mkdtempSync(join(tmpdir(), 'naij-control-')),
): Promise<Stage> {
  const parsed = parseControl(JSON.stringify({ listen: { port: 0 }, state: { directory }, limits }))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const clock = { nowMs: Date.parse('2026-11-29T12:00:00Z') }
  const start = () => startControl(parsed.config, '1.2.3', () => clock.nowMs)
  let control = await start()
  t.teardown(async () => {
    await control.close()
    rmSync(directory, { recursive: true })
  })
  const token = control.tokenFile === undefined ? '' : readFileSync(control.tokenFile, 'utf8').trim()
  const askAs: Stage['askAs'] = async (by, method, path, body, headers = {}) => {
    const response = await fetch(control.url + path, {
      method,
      headers: {
        ...(by !== '' && { authorization: `Bearer ${by}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    // What streams has no end.
    const text = isJson ? await response.text() : ''
    if (!isJson) await response.body?.cancel()
    const field = (name: string) => response.headers.get(name) ?? undefined
    return {
      status: response.status,
      etag: field('etag'),
      type: field('content-type'),
      location: field('location'),
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  return {
    get url() {
      return control.url
    },
    directory,
    token,
    clock,
    askAs,
    ask: (...asked) => askAs(token, ...asked),
    restart: async () => {
      await control.close()
      control = await start()
    },
  }
}
