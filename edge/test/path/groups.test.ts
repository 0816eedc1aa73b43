// Plays: groups of responses, and what invalidates all of a group at once (RFC 9875).
import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import { get, type Reply } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { cacheStatus, type Play, play, until } from '../support/play.js'

const host = { headers: { host: 'shop.example' } }

/** Pages of the groups that their query names; what a POST's query names is invalidated. */
function script(request: IncomingMessage, response: ServerResponse): void {
  const { method, url = '', headers } = request
  const named = new URL(url, 'http://a').searchParams.getAll('g').map(name => JSON.stringify(name))
  if (method === 'POST' || method === 'OPTIONS') {
    response.writeHead(url.startsWith('/fails') ? 500 : 204, { 'Cache-Group-Invalidation': named.join(', ') })
    return void response.end()
  }
  const fields: Record<string, string> = { 'Cache-Control': 'max-age=60, stale-if-error=600', ETag: '"e"' }
  if (named.length > 0) fields['Cache-Groups'] = named.join(', ')
  // RFC 9875 3: on the answer to a GET it means nothing.
  fields['Cache-Group-Invalidation'] = '"all"'
  const isKnown = 'if-none-match' in headers
  response.writeHead(isKnown ? 304 : 200, fields)
  response.end(isKnown ? undefined : 'page')
}

const isHit = (reply: Reply): boolean => cacheStatus(reply).startsWith('hit')

/** Which of the targets are hits. */
async function hits({ ask }: Play, targets: string[], headers = host.headers): Promise<boolean[]> {
  const found: boolean[] = []
  for (const target of targets) found.push(isHit(await ask(target, { headers })))
  return found
}

const cases: [row: string, method: string, target: string, hits: [boolean, boolean, boolean]][] = [
  ['3 one group', 'POST', '/x?g=red', [false, true, true]],
  ['3 a group of several', 'POST', '/x?g=blue', [false, false, true]],
  ['3 several groups', 'POST', '/x?g=red&g=blue', [false, false, true]],
  ['2.1 another case', 'POST', '/x?g=RED', [true, true, true]],
  ['3 an unknown group', 'POST', '/x?g=green', [true, true, true]],
  ['3 a safe method', 'OPTIONS', '/x?g=red', [true, true, true]],
  ['3 an error', 'POST', '/fails?g=red', [true, true, true]],
]
t.test('an unsafe method invalidates the groups that its answer names (RFC 9875 3)', async t => {
  for (const [row, method, target, expected] of cases) {
    const stage = await play(t, script)
    const targets = ['/a?g=red&g=blue', '/b?g=blue', '/c']
    t.strictSame(await hits(stage, targets), [false, false, false])
    t.strictSame(await hits(stage, targets), [true, true, true])
    await stage.ask(target, { ...host, method })
    t.strictSame(await hits(stage, targets), expected, row)
    t.strictSame(await hits(stage, targets), [true, true, true], `${row}: validated, used again`)
  }
})

t.test('what a group had put out of use is validated, not fetched anew', async t => {
  const { ask, origin } = await play(t, script)
  await ask('/a?g=red', host)
  await ask('/x?g=red', { ...host, method: 'POST' })
  const reply = await ask('/a?g=red', host)
  t.match(reply, { status: 200, text: 'page' })
  t.equal(cacheStatus(reply), 'fwd=stale; fwd-status=304; stored')
  t.equal(origin.asked.at(-1)?.headers['if-none-match'], '"e"')
})

t.test('a HEAD for it goes to the origin too', async t => {
  const { ask, origin } = await play(t, script)
  await ask('/a?g=red', host)
  await ask('/x?g=red', { ...host, method: 'POST' })
  t.match(cacheStatus(await ask('/a?g=red', { ...host, method: 'HEAD' })), /^fwd=stale/)
  t.equal(origin.asked.at(-1)?.method, 'HEAD')
})

t.test('it is not served when the origin fails, whatever else permits that (RFC 9111 4.4)', async t => {
  const stage = await play(t, script)
  await hits(stage, ['/a?g=red', '/b?g=blue'])
  await stage.ask('/x?g=red', { ...host, method: 'POST' })
  await stage.origin.stop()
  t.equal((await stage.ask('/a?g=red', host)).status, 502)
  t.equal((await stage.ask('/b?g=blue', host)).status, 200)
})

t.test('groups of two origins are two groups (RFC 9875 2.1)', async t => {
  const stage = await play(t, script)
  const other = { host: 'other.example' }
  await hits(stage, ['/a?g=red'])
  await hits(stage, ['/a?g=red'], other)
  await stage.ask('/x?g=red', { headers: other, method: 'POST' })
  t.strictSame(await hits(stage, ['/a?g=red']), [true])
  t.strictSame(await hits(stage, ['/a?g=red'], other), [false])
})

t.test('a field that does not parse names nothing (RFC 9875 2, RFC 9651 4.2)', async t => {
  const origin = await startOrigin(t, (request, response) => {
    const name = request.method === 'GET' ? 'Cache-Groups' : 'Cache-Group-Invalidation'
    response.writeHead(200, { 'Cache-Control': 'max-age=60', [name]: '"red", blue' })
    response.end('page')
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  await get(edge.port, '/a', host)
  await get(edge.port, '/x', { ...host, method: 'POST' })
  t.ok(isHit(await get(edge.port, '/a', host)))
})

t.test('an invalidation outlives the process, and its entries do not come back', async t => {
  const origin = await startOrigin(t, script)
  const config = testConfig(t, [origin.url])
  const before = await startEdge(t, config, 'lmdb')
  for (const target of ['/a?g=red', '/b?g=blue']) await get(before.port, target, host)
  // What is being stored while its group is invalidated is not stored at all; a commit is seen in the store a little
  // before whoever waits for it hears of it, but the next one begins later than that.
  await until(() => before.counters().cacheEntries >= 2)
  await get(before.port, '/c', host)
  await until(() => before.counters().cacheEntries >= 3)
  await get(before.port, '/x?g=red', { ...host, method: 'POST' })
  await before.stop()
  const after = await startEdge(t, config, 'lmdb')
  t.match(cacheStatus(await get(after.port, '/a?g=red', host)), /^fwd=stale/)
  t.ok(isHit(await get(after.port, '/b?g=blue', host)))
})
