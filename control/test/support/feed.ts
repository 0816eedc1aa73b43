// An edge as control sees one: it listens to the feed, and says what it likes.
import type { Test } from 'tap'
import type { Reply, Stage } from './stage.js'

// biome-ignore lint/suspicious/noExplicitAny: whatever control says
type Line = any

export interface FakeEdge {
  readonly id: string
  readonly lines: Line[]
  /** Resolves with the first line that is so. */
  line(isIt: (line: Line) => boolean): Promise<Line>
  ack(more?: Record<string, unknown>): Promise<Reply>
  /** Resolves when control ends the stream. */
  ended: Promise<void>
  leave(): void
}

export const edgeId = (number: number) => `0000000${number}-0000-4000-8000-000000000000`

/** `after` absent: from the snapshot. Rejects when control does not let it. */
export async function listen(
  t: Test,
  s: Stage,
  number: number,
  given: { after?: number; epoch?: number; token?: string } = {},
): Promise<FakeEdge> {
  const token = given.token ?? s.token
  const { body: snapshot } = await s.askAs(token, 'GET', '/v1/edge/snapshot')
  const { after = snapshot.position, epoch = snapshot.epoch } = given
  const id = edgeId(number)
  const query = new URLSearchParams({
    edge: id,
    name: `edge${number}`,
    version: '1',
    epoch: `${epoch}`,
    after: `${after}`,
  })
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const response = await fetch(`${s.url}/v1/edge/feed?${query}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  })
  if (response.status !== 200) throw new Error(`${response.status}`)
  const lines: Line[] = []
  let told = () => {}
  const ended = readLines(response.body!, line => {
    lines.push(line)
    told()
  })
  return {
    id,
    lines,
    ended,
    leave: () => abort.abort(),
    line: async isIt => {
      for (;;) {
        const found = lines.find(isIt)
        if (found !== undefined) return found
        await new Promise<void>(resolve => {
          told = resolve
        })
      }
    },
    ack: (more = {}) => {
      const standing = {
        edge: id,
        epoch,
        position: after,
        revision: null,
        refused: null,
        receipts: [],
        counts: [],
      }
      return s.askAs(token, 'POST', '/v1/edge/acks', { ...standing, ...more })
    },
  }
}

async function readLines(body: ReadableStream<Uint8Array>, take: (line: Line) => void): Promise<void> {
  let text = ''
  const decoder = new TextDecoder()
  try {
    for await (const piece of body) {
      text += decoder.decode(piece, { stream: true })
      const lines = text.split('\n')
      text = lines.pop()!
      for (const line of lines) take(JSON.parse(line))
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
  }
}
