// The stage most plays need: one scripted origin, an edge in front of it, and what is read from both again and again.
import { createHash } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Test } from 'tap'
import type { Store } from '../../cache/store.js'
import type { ServeOptions } from '../../serve.js'
import { get, type Reply, type Request } from './client.js'
import { startEdge, type TestEdge, testConfig } from './edge.js'
import { type Origin, startOrigin } from './origin.js'

type Json = Record<string, unknown>

export interface Play {
  readonly origin: Origin
  readonly edge: TestEdge
  /** One request of a client to the edge. */
  ask(target: string, asked?: Request): Promise<Reply>
}

export interface Stage {
  site?: Json
  more?: Json
  store?: Store | 'lmdb'
  joinOptimiser?: ServeOptions['joinOptimiser']
}

/** `site` and `more` go over the settings of testConfig. */
export async function play(t: Test, script: RequestListener, stage: Stage = {}): Promise<Play> {
  const origin = await startOrigin(t, script)
  const edge = await startEdge(t, testConfig(t, [origin.url], stage.site, stage.more), stage.store, {
    ...(stage.joinOptimiser && { joinOptimiser: stage.joinOptimiser }),
  })
  return { origin, edge, ask: (target, asked) => get(edge.port, target, asked) }
}

/** A script that answers everything alike. */
export function always(
  status: number,
  headers: Record<string, string | string[]>,
  body = '',
): RequestListener {
  return (_, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }
}

/** Answers one request after the other by the next script of the list. */
export function inTurn(...scripts: RequestListener[]): RequestListener {
  let turn = 0
  return (request, response) => {
    turn += 1
    return scripts[turn - 1](request, response)
  }
}

/** Cache-Status without our name in front: `hit; ttl=60`. */
export function cacheStatus(reply: Reply): string {
  return String(reply.headers['cache-status']).replace(/^naij; /, '')
}

/** The access lines so far. */
export function accessLines(edge: TestEdge): Json[] {
  return edge.lines.filter(line => line.msg === 'access')
}

/** The lines about failures of the origin so far. */
export function failureLines(edge: TestEdge): Json[] {
  return edge.lines.filter(line => line.msg === 'origin failed')
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** `count` bytes that repeat nowhere near, the same at every call. */
export function noise(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count)
  let state = 0x2545f491
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** Resolves when `isTrue()`; rejects after `limitMs`. For what only another process or the kernel could announce. */
export async function until(isTrue: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`not so after ${limitMs} ms: ${isTrue}`)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
