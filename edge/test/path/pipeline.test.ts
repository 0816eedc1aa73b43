// Plays: clients that send requests without waiting for answers, on hits: those who read get all of them, those who do
// not read cost neither the process nor its memory.

import t from 'tap'
import { connectRaw, type RawClient } from '../support/client.js'
import { engine } from '../support/edge.js'
import { always, play, until } from '../support/play.js'

const minute = { 'Cache-Control': 'max-age=60' }
const host = { headers: { Host: 'a' } }

function ask(lines: string, times: number): string {
  return `${lines}\r\nHost: a\r\n\r\n`.repeat(times)
}

/** Asks on and on and reads nothing, until the edge takes no more or `batches` were sent. */
async function flood(client: RawClient, batch: string, batches: number): Promise<void> {
  client.socket.pause()
  let isOver = false
  for (let sent = 0; sent < batches && !isOver; sent += 1) {
    isOver = await new Promise<boolean>(resolve => {
      const timer = setTimeout(() => resolve(true), 100)
      client.socket.write(batch, error => {
        clearTimeout(timer)
        resolve(Boolean(error))
      })
    })
    // So that each batch comes in a read of its own.
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  client.socket.destroy()
}

t.test('hits in one segment are answered in order', async t => {
  const { edge, ask: get } = await play(t, (asked, response) => {
    always(200, { ...minute, 'Content-Length': '4' }, `${asked.url}..`)(asked, response)
  })
  for (const target of ['/1', '/2', '/3']) await get(target, host)
  const client = await connectRaw(edge.port)
  client.write(['/1', '/2', '/3', '/1'].map(target => ask(`GET ${target} HTTP/1.1`, 1)).join(''))
  const received = await client.until(/(?:\/\d\.\.[\s\S]*){4}/)
  t.same(received.match(/\/\d\.\./g), ['/1..', '/2..', '/3..', '/1..'])
})

t.test('a client that asks for hits and reads nothing is cut off, and nobody else notices', async t => {
  const sizes = [900, 1_800, 2_700, 3_000, 3_300, 5_000, 7_700, 9_000, 15_000]
  const { edge, ask: get } = await play(t, (asked, response) => {
    const size = Number(asked.url?.slice(1))
    always(200, { ...minute, 'Content-Length': `${size}` }, 'x'.repeat(size))(asked, response)
  })
  const before = process.memoryUsage.rss()
  const floods: (readonly [lines: string, times: number])[] = [
    ...sizes.map(size => [`GET /${size} HTTP/1.1`, Math.ceil(64_000 / size)] as const),
    ['GET /3000 HTTP/1.1', 1],
    ['GET /3000 HTTP/1.1', 200],
    ['HEAD /3000 HTTP/1.1', 200],
    ['GET /3000 HTTP/1.1\r\nIf-None-Match: *', 200],
    ['GET /3000 HTTP/1.1\r\nConnection: close', 20],
  ]
  for (const size of sizes) await get(`/${size}`, host)
  for (const [lines, times] of floods) {
    await flood(await connectRaw(edge.port), ask(lines, times), 100)
    await until(() => edge.counters().active === 0)
    t.match(await get('/900', host), { status: 200, text: 'x'.repeat(900) }, `${times} of ${lines}`)
  }
  t.equal(edge.counters().originRequests, sizes.length, 'all were hits')
  const grown = process.memoryUsage.rss() - before
  // Node makes several objects of each request, and leaves them for later.
  t.ok(grown < (engine === 'node' ? 200 : 100) * 1024 * 1024, `memory: ${grown}`)
})
