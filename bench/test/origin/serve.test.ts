import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { objectBytes, objectTag } from '../../mixed-objects.js'
import { plainBytes, serveOrigin } from '../../origin/serve.js'
import { ask } from '../../request.js'
import { listenOn } from '../support/servers.js'

async function start(t: Test) {
  const server = serveOrigin()
  return listenOn(t, server)
}

t.test('serveOrigin() gives the same bytes to both, one of them to be stored', async t => {
  const url = `http://127.0.0.1:${await start(t)}`
  const hit = await ask(`${url}/hit/1024`)
  const miss = await ask(`${url}/miss/1024`)
  t.match(hit, {
    status: 200,
    fields: { 'content-type': 'image/jpeg', 'cache-control': 'public, max-age=86400' },
  })
  t.equal(miss.fields['cache-control'], 'no-store')
  t.ok(hit.body.equals(plainBytes(1024)))
  t.ok(miss.body.equals(hit.body))
  t.equal((await ask(`${url}/hit/1024`)).fields.etag, hit.fields.etag)
})

t.test('serveOrigin() answers 404 to anything else', async t => {
  const url = `http://127.0.0.1:${await start(t)}`
  for (const target of ['/', '/hit/', '/hit/12x', '/other/1', '/hit/99999999999']) {
    t.equal((await ask(url + target)).status, 404, target)
  }
})

t.test('serveOrigin() answers requests that come together or in pieces', async t => {
  const socket = connect(await start(t), '127.0.0.1')
  socket.write('GET /hit/1 HTTP/1.1\r\n\r\nGET /hit/2 HTTP/1.1\r\nHo')
  let text = ''
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1')
    if (text.includes('Content-Length: 1\r\n') && !text.includes('Length: 2')) socket.write('st: x\r\n\r\n')
    if (text.includes('Content-Length: 2\r\n')) break
  }
  t.equal(text.match(/200 OK/g)?.length, 2)
})

t.test('serveOrigin() drops a head without end', async t => {
  const socket = connect(await start(t), '127.0.0.1')
  socket.write(`GET /hit/1 HTTP/1.1\r\nX: ${'x'.repeat(40_000)}`)
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('close', resolve))
  t.ok(socket.destroyed)
})

t.test('serveOrigin() reads a body that is sent, however it comes, before it answers', async t => {
  const port = await start(t)
  for (const requestBytes of [0, 1, 100_000, 1_000_000]) {
    t.equal(
      (await ask(`http://127.0.0.1:${port}/miss/10`, { requestBytes })).body.length,
      10,
      `${requestBytes}`,
    )
  }
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay()
  const [next, last] = ['GET /hit/2 HTTP/1.1\r\n\r\n', 'GET /hit/3 HTTP/1.1\r\n\r\n']
  socket.write(`POST /miss/1 HTTP/1.1\r\nContent-Length: 6\r\n\r\nabcdef${next}`)
  let text = ''
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1')
    if (text.includes('Content-Length: 2\r\n') && !text.includes('Content-Length: 4\r\n')) {
      socket.write('POST /miss/4 HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc')
      setTimeout(() => socket.write(`def${last}`), 20)
    }
    if (text.includes('Content-Length: 3\r\n')) break
  }
  t.strictSame(
    text.match(/Content-Length: \d/g),
    [1, 2, 4, 3].map(bytes => `Content-Length: ${bytes}`),
  )
})

t.test('serveOrigin() knows the objects of mixed, and what is like them', async t => {
  const url = `http://127.0.0.1:${await start(t)}`
  const [one, another, like] = await Promise.all(['7', '8', '7-new'].map(name => ask(`${url}/mixed/${name}`)))
  t.equal(one!.body.length, objectBytes(7))
  t.match(one!.fields, { etag: objectTag(7), 'cache-control': 'public, max-age=86400' })
  t.ok(like!.body.equals(one!.body))
  t.notOk(another!.body.subarray(0, 200).equals(one!.body.subarray(0, 200)))
})
