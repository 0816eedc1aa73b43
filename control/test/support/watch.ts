// A stream of server-sent events, as somebody reads it.
import type { Test } from 'tap'
import type { Stage } from './stage.js'

export interface Watched {
  event: string
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: whatever is said
  data: any
}

export async function watch(
  t: Test,
  s: Stage,
  path: string,
  token = s.token,
  headers: Record<string, string> = {},
) {
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const response = await fetch(s.url + path, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: abort.signal,
  })
  const seen: Watched[] = []
  let told = () => {}
  const ended = read(response, message => {
    seen.push(message)
    told()
  })
  const next = async (isIt: (message: Watched) => boolean): Promise<Watched> => {
    for (;;) {
      const found = seen.find(isIt)
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        told = resolve
      })
    }
  }
  return { status: response.status, seen, next, ended, leave: () => abort.abort() }
}

async function read(response: Response, take: (message: Watched) => void): Promise<void> {
  let text = ''
  try {
    for await (const piece of response.body!) {
      text += Buffer.from(piece).toString()
      const messages = text.split('\n\n')
      text = messages.pop()!
      for (const message of messages) {
        const of = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1]
        const data = of('data')
        if (data !== undefined) take({ event: of('event')!, id: of('id'), data: JSON.parse(data) })
      }
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
  }
}
