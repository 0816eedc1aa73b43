// Plays of answers that are given again ahead of the engine: over the store on the disk, asked on one connection.
import type { Test } from 'tap'
import { connectRaw, type RawClient } from '../../support/client.js'
import { noise, play } from '../../support/play.js'
import { answerTo } from './answer-to.js'
import { given } from './given.js'

/** By target; of any other it is a few bytes. */
export const bodies: Readonly<Record<string, Buffer>> = {
  '/large': noise(1024 * 1024),
  // More than the buffers of two sockets hold.
  '/huge': noise(16 * 1024 * 1024 + 1),
  '/middle': noise(40 * 1024),
}
const lines = 'Host: a\r\nUser-Agent: x\r\nAccept-Encoding: gzip, br\r\n'
export const asking = (target: string, more = '', method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\n${lines}${more}\r\n`

/** `/any?by=a,b` varies by these names. */
function variance(target: string): Record<string, string> {
  const names = /by=(.*)/.exec(target)?.[1]
  return names === undefined ? {} : { Vary: names }
}

export async function replaying(
  t: Test,
  log: Record<string, unknown> = { access: 'off' },
  cache: Record<string, unknown> = {},
) {
  let turn = 0
  const stage = await play(
    t,
    (request, response) => {
      turn += 1
      request.resume()
      const body = bodies[request.url ?? ''] ?? Buffer.from(`turn ${turn}`)
      response.writeHead(200, {
        ...{ 'Cache-Control': 'max-age=600', 'Content-Type': 'application/octet-stream', ETag: '"1"' },
        'Content-Length': body.length,
        ...variance(request.url ?? ''),
      })
      response.end(body)
    },
    { store: 'lmdb', more: { log, cache } },
  )
  given.hits = 0
  const hits = () => {
    const { results } = stage.edge.counters()
    return { given: given.hits, hits: results.hit }
  }
  return { ...stage, hits, client: await connectRaw(stage.edge.port) }
}

/** Until it is stored, and that was told: what is learned between the two is forgotten with it. Then a hit by the path. */
export async function hitOf(client: RawClient, target: string): Promise<string> {
  for (;;) {
    const answer = await answerTo(client, asking(target))
    if (answer.includes('; hit;')) break
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await new Promise(resolve => setTimeout(resolve, 50))
  // At the second hit it is learned.
  await answerTo(client, asking(target))
  return answerTo(client, asking(target))
}
