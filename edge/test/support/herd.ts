// A herd: many requests for one target at once, whose answers the play gives one by one.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { connectRaw, type RawClient, type Reply, type Request } from './client.js'
import { type Play, play, until } from './play.js'

export const fresh = { 'Cache-Control': 'max-age=60' }

export interface Held {
  request: IncomingMessage
  response: ServerResponse
}

export interface Herd extends Play {
  /** What the origin was asked and has not answered, in order: the play answers. */
  held: Held[]
  /** So many requests at once; resolves with their replies to come when the edge has accepted all of them. */
  herd(count: number, asked?: (at: number) => Request): Promise<Promise<Reply>[]>
  asks(count: number): Promise<void>
}

export async function herdOf(t: Test, cache: Record<string, unknown> = {}, more = {}): Promise<Herd> {
  const held: Held[] = []
  const stage = await play(t, (request, response) => void held.push({ request, response }), {
    site: { cache },
    more,
  })
  // The same host as `rawGet` names: it is part of the key.
  const ask = (target: string, asked: Request = {}): Promise<Reply> =>
    stage.ask(target, { ...asked, headers: { host: 'a', ...asked.headers } })
  const accepted = (): number => stage.edge.counters().active + stage.edge.counters().requests
  return {
    ...stage,
    ask,
    held,
    asks: count => until(() => held.length === count),
    herd: async (count, asked = () => ({})) => {
      const before = accepted()
      const replies: Promise<Reply>[] = []
      for (let at = 0; at < count; at += 1) {
        replies.push(ask('/', asked(at)))
        // One after the other, so that the first one leads.
        await until(() => accepted() === before + at + 1)
      }
      return replies
    },
  }
}

export async function rawGet(port: number, lines = ''): Promise<RawClient> {
  const client = await connectRaw(port)
  client.write(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`)
  return client
}
