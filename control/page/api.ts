// What the page asks control, with the token that somebody has typed in; kept for this tab alone.
import createClient from 'openapi-fetch'
import type { paths } from '../client/paths.js'

const tokenKey = 'naij-token'

export function savedToken(): string {
  return sessionStorage.getItem(tokenKey) ?? ''
}

export function saveToken(token: string): void {
  if (token === '') sessionStorage.removeItem(tokenKey)
  else sessionStorage.setItem(tokenKey, token)
}

export type Api = ReturnType<typeof apiOf>

export function apiOf(token: string) {
  const headers = { authorization: `Bearer ${token}` }
  return { ...createClient<paths>({ baseUrl: location.origin, headers }), headers }
}

export class Refused extends Error {}

/** Throws what control says instead. */
export async function dataOf<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await answer
  if (response.ok) return data as Data
  const { detail, errors = [] } = (error ?? {}) as {
    detail?: string
    errors?: { pointer: string; detail: string }[]
  }
  const faults = errors.map(({ pointer, detail: text }) => `${pointer}: ${text}`)
  throw new Refused([detail ?? `control answers ${response.status}`, ...faults].join('\n'))
}

export interface Happened {
  id: number
  at: string
  type: string
  site: string | null
  data: unknown
}

/** Until `signal`; resolves when the stream ends. EventSource cannot say who asks. */
export async function follow(api: Api, take: (event: Happened) => void, signal: AbortSignal): Promise<void> {
  const response = await fetch('/v1/events?after=0', { headers: api.headers, signal })
  if (!response.ok || response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += value
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1]
      if (data !== undefined && message.includes('event:')) take(JSON.parse(data) as Happened)
    }
  }
}
