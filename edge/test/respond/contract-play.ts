// What the parts of the responder contract share: an engine that runs a script, and what it left behind.
import type { Test } from 'tap'
import type { Exchange } from '../../exchange.js'
import type { StalledBytes } from '../../respond/backlog.js'
import type { Head, Responder } from '../../respond/responder.js'
import { connectRaw, type RawClient } from '../support/client.js'

/** Starts an engine on a free loopback port until the test ends; `handle` gets each request. */
export type StartEngine = (t: Test, stage: EngineStage) => Promise<{ port: number }>

export interface EngineStage {
  handle: (x: Exchange) => void
  stalled: StalledBytes
}

export interface ContractPlay {
  readonly port: number
  readonly stalled: StalledBytes
  /** The requests so far. */
  readonly exchanges: Exchange[]
  /** The responder of the last one. */
  readonly responder: Responder
  /** `onEnd` as it was called, over all requests; complete when the last one has settled. */
  readonly ends: boolean[]
}

/** Every request is noted and then answered by `script`, whose `onEnd` is the play's. */
export async function contractPlay(
  t: Test,
  start: StartEngine,
  script: (responder: Responder, x: Exchange) => void,
  stalledBytesMax = 64 * 1024 * 1024,
): Promise<ContractPlay> {
  const stalled = { used: 0, max: stalledBytesMax, broken: 0 }
  const ends: boolean[] = []
  const exchanges: Exchange[] = []
  const handle = (x: Exchange): void => {
    exchanges.push(x)
    x.responder.onEnd = completed => void ends.push(completed)
    script(x.responder, x)
  }
  const { port } = await start(t, { handle, stalled })
  return {
    port,
    stalled,
    exchanges,
    ends,
    get responder() {
      return exchanges[exchanges.length - 1].responder
    },
  }
}

/** A head of three lines: `X-A: 1`, `Age: 3`, `Cache-Status: naij; hit`. */
export function headOf(status: number): Head {
  return { status, block: Buffer.from('X-A: 1\r\nAge', 'latin1'), tail: '3\r\nCache-Status: naij; hit' }
}

/** Bytes that show when one is missing or misplaced. */
export function bytesOf(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count)
  for (let i = 0; i < count; i += 1) bytes[i] = (i * 31 + (i >> 8) * 7) & 0xff
  return bytes
}

/** A client that has asked and reads nothing until its socket is resumed. */
export async function slowClient(port: number): Promise<RawClient> {
  const client = await connectRaw(port)
  client.socket.pause()
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  return client
}

/** The body of a raw answer of known length, or undefined when it is not all there. */
export function bodyOf(received: string): Buffer | undefined {
  const end = received.indexOf('\r\n\r\n')
  const length = Number(/\r\nContent-Length: (\d+)/i.exec(received.slice(0, end))?.[1])
  const body = Buffer.from(received.slice(end + 4), 'latin1')
  return body.length === length ? body : undefined
}

/** The body of a raw chunked answer, or undefined when its last chunk is not there (RFC 9112 7.1). */
export function dechunked(received: string): Buffer | undefined {
  const { text, isWhole } = readChunks(received)
  return isWhole ? Buffer.from(text, 'latin1') : undefined
}

/** What of it is there so far. */
export function unchunked(received: string): string {
  return readChunks(received).text
}

function readChunks(received: string): { text: string; isWhole: boolean } {
  const headEnd = received.indexOf('\r\n\r\n')
  const parts: string[] = []
  for (let at = headEnd + 4; headEnd >= 0; ) {
    const lineEnd = received.indexOf('\r\n', at)
    if (lineEnd < 0) break
    const size = Number.parseInt(received.slice(at, lineEnd), 16)
    if (size === 0) return { text: parts.join(''), isWhole: true }
    parts.push(received.slice(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return { text: parts.join(''), isWhole: false }
}

/** How often a field stands in a flat list. */
export function linesOf(fields: readonly string[], name: string): number {
  return fields.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length
}
