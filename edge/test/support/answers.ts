// Asking a real origin with fetch/send, and what came back of it, event by event.
import type { Test } from 'tap'
import { Upload } from '../../accept/upload.js'
import type { EdgeError } from '../../error.js'
import type { Origin } from '../../fetch/origin.js'
import { Origins } from '../../fetch/origins.js'
import { type Ask, send } from '../../fetch/send.js'
import { NotingResponder, siteConfig } from './exchange.js'
import { startRawOrigin } from './origin.js'

/** What came back, event by event; `pausesAt` answers that many bytes with false. */
export class Noted {
  readonly events: string[] = []
  readonly chunks: Buffer[] = []
  status = 0
  fields: readonly string[] = []
  error: EdgeError | undefined
  pausesAt = Number.POSITIVE_INFINITY
  readonly ended: Promise<void>
  #settle: () => void = () => {}

  constructor() {
    this.ended = new Promise(resolve => {
      this.#settle = resolve
    })
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1')
  }

  onHead(status: number, fields: readonly string[]): void {
    this.events.push('head')
    this.status = status
    this.fields = fields
  }

  onBody(chunk: Buffer): boolean {
    this.chunks.push(Buffer.from(chunk))
    if (this.events.at(-1) !== 'body') this.events.push('body')
    return this.body.length < this.pausesAt
  }

  onEnd(): void {
    this.events.push('end')
    this.#settle()
  }

  onError(error: EdgeError): void {
    this.events.push(`error ${error.code}`)
    this.error = error
    this.#settle()
  }
}

/** Nothing takes so long but what never comes, on a machine however busy. */
const patient = { connectMs: 60_000, firstByteMs: 60_000, betweenBytesMs: 60_000, totalMs: 60_000 }

export function originAt(
  t: Test,
  url: string,
  timeouts: Partial<typeof patient> = {},
  more: Record<string, unknown> = {},
): Origin {
  const origins = new Origins(siteConfig({ origins: [url], timeouts: { ...patient, ...timeouts }, ...more }))
  t.teardown(() => origins.list.forEach(origin => void origin.destroy()))
  return origins.list[0]
}

export function asking(more: Partial<Ask> = {}): Ask {
  const fields = ['Host', 'play.example']
  return {
    method: 'GET',
    target: '/',
    fields,
    body: undefined,
    bodyBytes: undefined,
    totalMs: patient.totalMs,
    ...more,
  }
}

/** One request to the end of its answer. */
export async function sent(origin: Origin, more: Partial<Ask> = {}, noted = new Noted()): Promise<Noted> {
  send(origin, asking(more), noted)
  await noted.ended
  return noted
}

/** An origin that answers each request with these bytes, and closes when told so. */
export async function saying(
  t: Test,
  bytes: string,
  more: { close?: boolean; timeouts?: Partial<typeof patient> } = {},
): Promise<Origin> {
  const origin = await startRawOrigin(t, socket => {
    socket.write(bytes, 'latin1')
    if (more.close) socket.end()
  })
  return originAt(t, origin.url, more.timeouts)
}

/** A body that waits in memory. */
export function uploadOf(t: Test): Upload {
  const spool = { directory: t.testdir({}), used: 0, max: 1_000 }
  return new Upload({ bodyBytesMax: 1_000, memoryBytesMax: 1_000, spool }, new NotingResponder())
}
