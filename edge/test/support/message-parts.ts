// What messages of tests are made of, and what may come of them (messages.ts).

/** The statuses of all answers in their order; none: the connection ends, or waits, without one. */
export type Seen = readonly number[]

export type Row = readonly [
  name: string,
  bytes: string,
  seen: Seen | { uws: Seen; node: Seen },
  ...origin: string[],
]

export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
export const chunked = 'Transfer-Encoding: chunked'

export function get(...lines: string[]): string {
  return ['GET /~~ HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n')
}

export function post(lines: string[], body: string): string {
  return ['POST /~~ HTTP/1.1', 'Host: a', ...lines, '', body].join('\r\n')
}

export function line(text: string, ...lines: string[]): string {
  return [text, 'Host: a', ...lines, '', ''].join('\r\n')
}

export function host(...lines: string[]): string {
  return ['GET /~~ HTTP/1.1', ...lines, '', ''].join('\r\n')
}

export function chunks(body: string): string {
  return post([chunked], body)
}

export const no: Seen = []
export const bad: Seen = [400]
export const ok: Seen = [200]
