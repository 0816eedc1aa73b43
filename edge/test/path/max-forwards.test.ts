// Plays: how far OPTIONS goes (RFC 9110 7.6.2, 9.3.7).
import t from 'tap'
import { connectRaw } from '../support/client.js'
import { accessLines, always, cacheStatus, play } from '../support/play.js'

const allow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

t.test('OPTIONS with Max-Forwards: 0 ends here', async t => {
  const { origin, edge, ask } = await play(t, always(200, {}, 'x'))
  const reply = await ask('/a', { method: 'OPTIONS', headers: { 'max-forwards': '0' } })
  t.match(reply, { status: 200, text: '' })
  t.match(reply.headers, { allow, 'content-length': '0', 'cache-control': 'no-store', via: '1.1 naij' })
  t.notOk('content-type' in reply.headers || 'age' in reply.headers)
  t.equal(cacheStatus(reply), 'detail=max-forwards')
  t.equal(origin.asked.length, 0)
  await edge.idle()
  t.match(accessLines(edge)[0], { status: 200, result: 'refused', detail: 'max-forwards' })
})

t.test('the connection goes on after it, also when it had a body', async t => {
  const { edge, origin } = await play(t, always(200, { 'Content-Length': '2' }, 'ok'))
  const client = await connectRaw(edge.port)
  client.write('OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nContent-Length: 3\r\n\r\nabc')
  await client.until('max-forwards\r\n')
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until('ok')
  client.socket.destroy()
  t.match(origin.asked, [{ method: 'GET' }])
})

t.test('above 0 it is counted down, and left alone on other methods and when it is no number', async t => {
  const rows: [method: string, value: string, sent: string][] = [
    ['OPTIONS', '1', '0'],
    ['OPTIONS', '10', '9'],
    ['OPTIONS', 'x', 'x'],
    ['GET', '0', '0'],
    ['POST', '7', '7'],
  ]
  const { origin, ask } = await play(t, always(200, { 'Cache-Control': 'no-store' }))
  for (const [method, value] of rows) await ask('/', { method, headers: { 'max-forwards': value } })
  t.strictSame(
    origin.asked.map(({ headers }) => headers['max-forwards']),
    rows.map(([, , sent]) => sent),
  )
})

t.test('a host that no site answers for is refused before', async t => {
  const { ask } = await play(t, always(200, {}), { site: { hosts: ['known.example'] } })
  t.equal((await ask('/', { method: 'OPTIONS', headers: { 'max-forwards': '0' } })).status, 421)
})
