// Plays: cache control meant for a CDN alone (RFC 9213), and URLs that an unsafe request makes obsolete (RFC 9111 4.4).
import t from 'tap'
import { cacheStatus, play } from '../support/play.js'

type Row = [row: string, headers: Record<string, string>, isStored: boolean]

const rows: Row[] = [
  [
    'RFC 9213 2.2 it rules over no-store',
    { 'Cache-Control': 'no-store', 'CDN-Cache-Control': 'max-age=60' },
    true,
  ],
  [
    'RFC 9213 2.2 it rules over max-age',
    { 'Cache-Control': 'max-age=60', 'CDN-Cache-Control': 'no-store' },
    false,
  ],
  [
    'RFC 9213 2.1 unparsable is absent',
    { 'Cache-Control': 'max-age=60', 'CDN-Cache-Control': 'no-store;;=' },
    true,
  ],
  ['RFC 9213 2.2 it rules over Expires', { Expires: '0', 'CDN-Cache-Control': 'max-age=60' }, true],
]

for (const [row, headers, isStored] of rows) {
  t.test(`CDN-Cache-Control: ${row}`, async t => {
    const { origin, ask } = await play(t, (_, response) => {
      response.writeHead(200, headers)
      response.end('x')
    })
    await ask('/')
    const reply = await ask('/')
    t.equal(origin.asked.length, isStored ? 1 : 2)
    t.match(cacheStatus(reply), isStored ? /^hit; ttl=(5\d|60)$/ : /detail=no-store$/)
    t.equal(reply.headers['cdn-cache-control'], headers['CDN-Cache-Control'], 'passed on')
  })
}

t.test('a POST drops what Location and Content-Location name on this origin, an error does not', async t => {
  let status = 201
  const { origin, edge, ask } = await play(t, (request, response) => {
    if (request.method === 'GET') response.setHeader('Cache-Control', 'max-age=60')
    else {
      response.statusCode = status
      response.setHeader('Location', '/made')
      response.setHeader('Content-Location', `http://${request.headers.host}/list?page=1`)
    }
    response.end('x')
  })
  const host = { headers: { Host: 'shop.example' } }
  const targets = ['/post', '/made', '/list?page=1', '/other']
  const countAsked = (): number => origin.asked.filter(({ method }) => method === 'GET').length
  for (const target of targets) await ask(target, host)
  status = 500
  await ask('/post', { ...host, method: 'POST', body: 'a' })
  for (const target of targets) await ask(target, host)
  t.equal(countAsked(), 4, 'an error changed nothing')
  status = 201
  await ask('/post', { ...host, method: 'POST', body: 'a' })
  await edge.idle()
  for (const target of targets) await ask(target, host)
  t.equal(countAsked(), 7, 'all but /other')
})
