// Plays: what the origin's answer to a HEAD makes of what is stored (RFC 9111 4.3.5).
import t from 'tap'
import { always, cacheStatus, play } from '../support/play.js'

const host = { headers: { host: 'shop.example' } }
const head = { ...host, method: 'HEAD' }
/** Stored, at once expired, and usable when the origin is gone. */
const page = { 'Cache-Control': 'max-age=0', ETag: '"one"', 'Content-Length': '4' }
const longer = { 'Cache-Control': 'max-age=60', 'X-New': 'y' }

/** One whose GET brings `page` and whose HEAD is answered by `status` and `headers`. */
function stage(t: Parameters<typeof play>[0], headers: Record<string, string>, status = 200, more = {}) {
  const asked = always(status, headers)
  return play(t, (request, response) => {
    if (request.method === 'HEAD') return asked(request, response)
    const isKnown = 'if-none-match' in request.headers
    return always(isKnown ? 304 : 200, { ...page, ...more }, isKnown ? undefined : 'page')(request, response)
  })
}

const cases: [row: string, headers: Record<string, string>, status: number, then: RegExp][] = [
  ['the same validator', { ...longer, ETag: '"one"' }, 200, /^hit/],
  ['the same length', { ...longer, 'Content-Length': '4' }, 200, /^hit/],
  ['another validator', { ...longer, ETag: '"two"' }, 200, /^fwd=uri-miss/],
  ['another length', { ...longer, ETag: '"one"', 'Content-Length': '5' }, 200, /^fwd=uri-miss/],
  ['an error', { ...longer, ETag: '"two"' }, 404, /^fwd=stale; fwd-status=304/],
  ['not to be stored any more', { 'Cache-Control': 'no-store', ETag: '"one"' }, 200, /^fwd=uri-miss/],
]
t.test('with the same validators it updates what is stored, with others that goes', async t => {
  for (const [row, headers, status, then] of cases) {
    const { ask, edge } = await stage(t, headers, status)
    await ask('/a', host)
    const asked = await ask('/a', head)
    t.match(asked, { status, text: '' })
    t.match(cacheStatus(asked), /^fwd=stale; fwd-status=\d+$/)
    await edge.idle()
    const reply = await ask('/a', host)
    t.match(reply, { status: 200, text: 'page' })
    t.match(cacheStatus(reply), then, row)
    t.equal(reply.headers['x-new'], /hit/.test(`${then}`) ? 'y' : undefined, row)
  }
})

t.test('what one client gets by its credentials updates nothing (RFC 9111 3.5)', async t => {
  const { ask } = await stage(t, { ...longer, ETag: '"one"' })
  await ask('/a', host)
  await ask('/a', { ...head, headers: { ...host.headers, authorization: 'Basic x' } })
  t.match(cacheStatus(await ask('/a', host)), /^fwd=stale/)
})

t.test('only the variant that would have answered is updated', async t => {
  const vary = { Vary: 'X-Side' }
  const { ask } = await stage(t, { ...longer, ...vary, ETag: '"one"' }, 200, vary)
  const side = (name: string) => ({ ...host.headers, 'x-side': name })
  for (const name of ['left', 'right']) await ask('/a', { headers: side(name) })
  await ask('/a', { ...head, headers: side('left') })
  t.match(cacheStatus(await ask('/a', { headers: side('left') })), /^hit/)
  t.match(cacheStatus(await ask('/a', { headers: side('right') })), /^fwd=stale/)
})

t.test('what is not stored is not made of it', async t => {
  const { ask, edge } = await stage(t, { ...longer, ETag: '"one"' })
  t.match(cacheStatus(await ask('/a', head)), /^fwd=uri-miss; fwd-status=200$/)
  await edge.idle()
  t.equal(edge.counters().cacheEntries, 0)
})
