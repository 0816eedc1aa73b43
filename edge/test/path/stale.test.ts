// Plays: what is stored is used past its freshness while it is asked for anew, or when the origin fails (RFC 5861,
// RFC 9111 4.2.4). An Age that the origin sends makes a response stale without waiting.
import type { ServerResponse } from 'node:http'
import t from 'tap'
import { goodState } from '../../fetch/origin-health.js'
import { always, cacheStatus, failureLines, play, until } from '../support/play.js'

/** Fresh for 10 s, 15 s old. */
const old = { Age: '15', ETag: '"v"' }

t.test(
  'stale-while-revalidate: served at once, asked for anew behind, by one of many (RFC 5861 3)',
  async t => {
    const held: ServerResponse[] = []
    const { origin, edge, ask } = await play(t, (_, response) => {
      response.setHeader('Cache-Control', 'max-age=10, stale-while-revalidate=60')
      if (origin.asked.length === 1) response.writeHead(200, old).end('first')
      else held.push(response)
    })
    await ask('/')
    for (let i = 0; i < 5; i += 1) {
      const reply = await ask('/')
      t.match(reply, { status: 200, text: 'first' })
      t.match(cacheStatus(reply), /^hit; ttl=-\d+$/)
    }
    t.equal(origin.asked.length, 2, 'one refresh for all of them')
    t.match(origin.asked[1].headers, { 'if-none-match': '"v"' })
    held[0].writeHead(200, { ETag: '"w"' }).end('second')
    await until(async () => (await ask('/')).text === 'second')
    t.match(cacheStatus(await ask('/')), /^hit; ttl=\d/)
    t.match(edge.counters(), { results: { miss: 1, stale: 5 }, originRequests: 2 })
  },
)

t.test('a refresh that brings 304 makes it fresh again, one that brings no-store ends its use', async t => {
  for (const cacheControl of ['max-age=60', 'no-store']) {
    const { origin, ask } = await play(t, (_, response) => {
      if (origin.asked.length === 1) {
        response.writeHead(200, { ...old, 'Cache-Control': 'max-age=10, stale-while-revalidate=60' }).end('x')
      } else if (origin.asked.length === 2) {
        response.writeHead(304, { ETag: '"v"', 'Cache-Control': cacheControl }).end()
      } else response.writeHead(200, { 'Cache-Control': 'no-store' }).end('y')
    })
    await ask('/')
    t.match(cacheStatus(await ask('/')), /^hit; ttl=-/)
    const isFresh = cacheControl === 'max-age=60'
    const wanted = isFresh ? /^hit; ttl=[1-6]/ : /^fwd=uri-miss/
    await until(async () => wanted.test(cacheStatus(await ask('/'))))
    t.equal((await ask('/')).text, isFresh ? 'x' : 'y')
  }
})

t.test('a refresh that fails is not tried again at once, and is said once', async t => {
  const { origin, edge, ask } = await play(t, (request, response) => {
    if (origin.asked.length > 1) request.socket.destroy()
    else {
      const headers = { ...old, 'Cache-Control': 'max-age=10, stale-while-revalidate=60' }
      response.writeHead(200, headers).end('x')
    }
  })
  await ask('/')
  t.match(await ask('/'), { status: 200, text: 'x' })
  await until(() => failureLines(edge).length === 1)
  const { length } = origin.asked
  for (let i = 0; i < 3; i += 1) t.match(await ask('/'), { status: 200, text: 'x' })
  t.equal(origin.asked.length, length)
})

type Row = [row: string, cacheControl: string, failure: number | 'reset', status: number]

const rows: Row[] = [
  ['RFC 9111 4.2.4 disconnected', 'max-age=10', 'reset', 200],
  ['RFC 5861 4 stale-if-error', 'max-age=10, stale-if-error=60', 503, 200],
  ['RFC 5861 4 not without it', 'max-age=10', 503, 503],
  ['RFC 5861 4 not past its time', 'max-age=10, stale-if-error=2', 500, 500],
  ['RFC 5861 4 404 is an answer', 'max-age=10, stale-if-error=60', 404, 404],
  ['RFC 9111 5.2.2.2 must-revalidate', 'max-age=10, must-revalidate', 'reset', 502],
  ['RFC 9111 5.2.2.10 s-maxage', 's-maxage=10', 'reset', 502],
  ['RFC 9111 5.2.2.4 no-cache', 'max-age=10, no-cache', 'reset', 502],
]

for (const [row, cacheControl, failure, status] of rows) {
  t.test(`when the origin fails: ${row}`, async t => {
    const { origin, ask } = await play(t, (request, response) => {
      if (origin.asked.length === 1) {
        response.writeHead(200, { ...old, 'Cache-Control': cacheControl }).end('stored')
      } else if (failure === 'reset') request.socket.destroy()
      else response.writeHead(failure, {}).end('failed')
    })
    await ask('/')
    const reply = await ask('/')
    t.equal(reply.status, status)
    if (status !== 200) return
    t.equal(reply.text, 'stored')
    const detail = failure === 'reset' ? '(origin-closed|origin-reset)' : `status-${failure}`
    const said = failure === 'reset' ? '' : `fwd-status=${failure}; `
    t.match(cacheStatus(reply), new RegExp(`^fwd=stale; ${said}ttl=-\\d+; detail=${detail}$`))
    t.match(reply.headers.age, /^[1-9]\d$/)
  })
}

t.test(
  'an origin that fails again and again is left alone for refreshFailMs, where stale is served',
  async t => {
    for (const refreshFailMs of ['1h', 0]) {
      const script = (_: unknown, response: ServerResponse): void => {
        if (origin.asked.length > 1) response.writeHead(503).end('failed')
        else {
          response.writeHead(200, { ...old, 'Cache-Control': 'max-age=10, stale-if-error=60' }).end('stored')
        }
      }
      const { origin, edge, ask } = await play(t, script, { site: { cache: { refreshFailMs } } })
      await ask('/')
      for (let count = 1; count <= 5; count += 1) t.match(cacheStatus(await ask('/')), /detail=status-503$/)
      const again = await ask('/')
      t.match(again, { status: 200, text: 'stored' })
      t.match(
        cacheStatus(again),
        refreshFailMs === 0 ? /^fwd=stale.*detail=status-503$/ : /^hit; ttl=-\d+; detail=origin-paused$/,
      )
      t.equal(origin.asked.length, refreshFailMs === 0 ? 7 : 6)
      t.match(edge.counters(), { results: { miss: 1, stale: 6 } })
      t.equal((await ask('/other')).status, 503, 'what is not stored is asked for')
    }
  },
)

t.test('staleMaxMs is the end of it, whatever the origin says', async t => {
  const script = (request: import('node:http').IncomingMessage, response: ServerResponse): void => {
    if (request.headers['if-none-match'] !== undefined) request.socket.destroy()
    else {
      const times = 'max-age=10, stale-while-revalidate=60, stale-if-error=60'
      response.writeHead(200, { ...old, 'Cache-Control': times }).end('x')
    }
  }
  const { ask } = await play(t, script, { site: { cache: { staleMaxMs: '1s' } } })
  await ask('/')
  t.equal((await ask('/')).status, 502)
})

t.test(
  'while no origin is good what is stored is served stale, and all else is 503 (http-rules 12, 26)',
  async t => {
    const { edge, ask, origin } = await play(
      t,
      always(200, { 'Cache-Control': 'max-age=0', ETag: '"e"' }, 'kept'),
    )
    await ask('/a')
    await edge.idle()
    edge.serving.setOrigins([{ site: 'play', url: origin.url, state: { ...goodState, isDown: true } }])
    const kept = await ask('/a')
    t.match(kept, { status: 200, text: 'kept' })
    t.match(
      cacheStatus(kept),
      /^fwd=stale; ttl=0; detail=no-good-origin$|^fwd=stale; ttl=-1; detail=no-good-origin$/,
    )
    const refused = await ask('/b')
    t.match(refused, { status: 503, headers: { 'retry-after': '1' } })
    t.equal(cacheStatus(refused), 'fwd=uri-miss; detail=no-good-origin')
    t.equal(origin.asked.length, 1)
    edge.serving.setOrigins([{ site: 'play', url: origin.url, state: goodState }])
    t.match(await ask('/b'), { status: 200, text: 'kept' })
  },
)
