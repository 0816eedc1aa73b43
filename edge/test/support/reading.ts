// An answer that a play reads while it comes: what is there so far, and how it ended.
import { type Agent, type IncomingMessage, request } from 'node:http'
import type { Request } from './client.js'
import { until } from './supervise-until.js'

export interface Reading {
  /** Resolves with the head. */
  head: Promise<IncomingMessage>
  /** What came of the body so far. */
  body(): Buffer
  /** Resolves when so many bytes are there; rejects when the answer ends before. */
  has(bytes: number): Promise<void>
  /** `whole` only when the answer ended as its framing says. */
  end: Promise<'whole' | 'broken'>
  pause(): void
  resume(): void
}

export function readingOf(
  port: number,
  target: string,
  agent: Agent,
  { method = 'GET', headers = {} }: Pick<Request, 'method' | 'headers'> = {},
): Reading {
  const chunks: Buffer[] = []
  let bytes = 0
  let isOver = false
  let incoming: IncomingMessage | undefined
  let isPaused = false
  const asked = request({ port, path: target, method, agent, headers: { host: 'a', ...headers } })
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve)
    asked.on('error', reject)
  })
  const end = head.then(
    response =>
      new Promise<'whole' | 'broken'>(resolve => {
        incoming = response
        if (isPaused) response.pause()
        response.on('data', chunk => {
          chunks.push(chunk)
          bytes += chunk.length
        })
        if (isPaused) response.pause()
        response.on('error', () => {})
        response.on('close', () => resolve(response.complete ? 'whole' : 'broken'))
      }),
    () => 'broken' as const,
  )
  void end.then(() => {
    isOver = true
  })
  head.catch(() => {})
  asked.end()
  return {
    head,
    end,
    body: () => Buffer.concat(chunks),
    has: async count => {
      await until(() => (bytes >= count || isOver ? true : undefined))
      if (bytes < count) throw new Error(`over after ${bytes} of ${count} bytes`)
    },
    pause: () => {
      isPaused = true
      incoming?.pause()
    },
    resume: () => {
      isPaused = false
      incoming?.resume()
    },
  }
}
