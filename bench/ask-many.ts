// Asks for many things over a few kept connections: to fill caches, faster than an ordinary client would.
import { Connection } from './connection.js'
import { Problem } from './problem.js'
import { BROWSER_FIELDS } from './request.js'

/** Requests on the way at a time, each on its connection. */
const ASK_AT_ONCE = 16

export interface Wanted {
  target: string
  fields?: Record<string, string>
}

/** `look` sees the status and the length of each answer, and what it throws ends the rest. */
export async function askMany(
  url: string,
  all: readonly Wanted[],
  look: (answer: { status: number; bodyBytes: number }, at: number) => void,
): Promise<void> {
  const port = Number(new URL(url).port)
  const connections = await Promise.all(Array.from({ length: ASK_AT_ONCE }, () => Connection.open(port)))
  let next = 0
  const work = (connection: Connection): Promise<void> =>
    new Promise((resolve, reject) => {
      const go = (): void => {
        const at = next++
        if (at >= all.length) return resolve()
        connection.ask(requestFor(all[at]!), (status, bodyBytes) => {
          try {
            if (status === 0) throw new Problem(`${url}${all[at]!.target} is not answered`, 1)
            look({ status, bodyBytes }, at)
          } catch (error) {
            next = all.length
            return reject(error)
          }
          go()
        })
      }
      go()
    })
  try {
    await Promise.all(connections.map(work))
  } finally {
    for (const connection of connections) connection.close()
  }
}

const COMMON = BROWSER_FIELDS.map(([name, value]) => `${name}: ${value}\r\n`).join('')

/** A GET with the browser's fields, as bytes. */
export function requestFor({ target, fields = {} }: Wanted): Buffer {
  const more = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${target} HTTP/1.1\r\n${COMMON}${more.join('')}\r\n`, 'latin1')
}
