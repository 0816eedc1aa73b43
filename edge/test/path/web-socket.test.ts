// Plays: WebSockets from a client through the edge to an origin, both ends by another implementation (ws).
import t from 'tap'
import { connectRaw } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { accessLines, noise, until } from '../support/play.js'
import { allOver, handshake, openSocket, socketStage } from '../support/web-socket.js'

t.test(
  'messages of both kinds and all sizes pass both ways; the line and the counters say what passed',
  async t => {
    const { origin, edge } = await socketStage(t, ({ socket }) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    const client = await openSocket(edge.port, '/chat?room=1', {
      protocols: ['other', 'chat'],
      headers: { Cookie: 'c=1', 'X-Mine': 'yes' },
    })
    t.match(client.response.headers, {
      'x-origin': 'here',
      'set-cookie': ['a=1', 'b=2'],
      via: '1.1 naij',
      'cache-status': 'naij; fwd=bypass; fwd-status=101',
      'sec-websocket-protocol': 'chat',
      connection: 'Upgrade',
    })
    t.notOk(client.response.headers['sec-websocket-extensions'], 'no extension is agreed on with the client')
    const [{ url, headers }] = origin.asked
    t.equal(url, '/chat?room=1')
    t.match(headers, {
      cookie: 'c=1',
      'x-mine': 'yes',
      via: '1.1 naij',
      'cdn-loop': 'naij',
      'x-forwarded-for': '127.0.0.1',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'other, chat',
    })
    t.notOk(headers['sec-websocket-extensions'], 'nor with the origin')

    const sent: (string | Buffer)[] = [
      '',
      'hello',
      'größer ✓',
      Buffer.alloc(0),
      noise(125),
      noise(126),
      noise(65_535),
    ]
    sent.push(noise(65_536), 'x'.repeat(200_000), noise(1_000_000))
    for (const message of sent) client.socket.send(message)
    await client.heard(sent.length)
    t.same(client.messages, sent)
    client.socket.close(4_001, 'enough')
    t.same(await origin.ends[0].over(), { code: 4_001, reason: 'enough' })
    t.same(await client.over(), { code: 4_001, reason: 'enough' })

    await allOver(edge)
    const bytes = sent.reduce((sum, message) => sum + Buffer.byteLength(message), 0)
    t.match(accessLines(edge), [
      {
        target: '/chat?room=1',
        status: 101,
        result: 'pass',
        completed: true,
        bytesIn: bytes,
        bytesOut: bytes,
        origin: origin.url,
      },
    ])
    t.match(edge.counters(), {
      requests: 1,
      active: 0,
      webSockets: 1,
      webSocketsOpen: 0,
      bytesIn: bytes,
      bytesOut: bytes,
      statusClasses: { 1: 1 },
      results: { pass: 1 },
      originErrors: 0,
    })
  },
)

t.test('while it is open it is counted as open, here and of its origin, and as no request', async t => {
  const { origin, edge } = await socketStage(t)
  const client = await openSocket(edge.port, '/')
  t.match(edge.counters(), { active: 0, requests: 1, webSocketsOpen: 1 })
  t.match(edge.serving.originCounts(), [{ url: origin.url, active: 0, connections: 0, webSockets: 1 }])
  t.same(accessLines(edge), [], 'no line before its end')
  client.socket.close()
  t.match(await origin.ends[0].over(), { code: 1_005 })
  await allOver(edge)
  t.match(edge.serving.originCounts(), [{ webSockets: 0 }])
})

t.test('the origin says Close: the client hears its words', async t => {
  const { edge } = await socketStage(t, ({ socket }) => {
    socket.send('last')
    socket.close(1_000, 'done')
  })
  const client = await openSocket(edge.port, '/')
  t.same(await client.over(), { code: 1_000, reason: 'done' })
  t.same(client.messages, ['last'])
  await allOver(edge)
  t.match(accessLines(edge), [{ status: 101, completed: true }])
})

t.test('a Close without a code stays without one', async t => {
  const { edge } = await socketStage(t, ({ socket }) => socket.close())
  t.match(await (await openSocket(edge.port, '/')).over(), { code: 1_005 })
})

t.test('pings and pongs go from end to end; those that nobody asked for do not', async t => {
  const { origin, edge } = await socketStage(t)
  const client = await openSocket(edge.port, '/')
  const end = origin.ends[0]
  client.socket.pong('unasked')
  end.socket.ping('from the origin')
  await until(() => end.pongs.length > 0)
  t.same(client.pings, ['from the origin'])
  t.same(end.pongs, ['from the origin'])
  client.socket.ping('from the client')
  await until(() => end.pings.length > 0)
  t.same(end.pings, ['from the client'])
  end.socket.send('on')
  await client.heard(1)
  t.same(client.pongs, ['from the client'], 'answered once')
})

t.test('an origin that vanishes: the client is told 1011; it is counted and in the line', async t => {
  const { origin, edge } = await socketStage(t)
  const client = await openSocket(edge.port, '/')
  origin.ends[0].socket.terminate()
  t.match(await client.over(), { code: 1_011, reason: /^origin-/ })
  await allOver(edge)
  t.match(accessLines(edge), [{ status: 101, completed: false, detail: /^origin-/ }])
  t.match(edge.counters(), { originErrors: 1 })
})

t.test('a client that vanishes: so do we', async t => {
  const { origin, edge } = await socketStage(t)
  const client = await openSocket(edge.port, '/')
  client.socket.send('last words')
  client.socket.terminate()
  t.match(await origin.ends[0].over(), { code: 1_006 })
  await allOver(edge)
  t.match(accessLines(edge), [{ completed: false, detail: 'client-left' }])
  t.equal(edge.counters().originErrors, 0)
})

t.test('an answer that is no 101 is passed on as it is', async t => {
  const origin = await startRawOrigin(t, socket =>
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nno'),
  )
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = await connectRaw(edge.port)
  client.write(handshake())
  t.match(await client.until(/\r\n\r\nno/), /^HTTP\/1\.1 403 .*\r\nX-A: 1\r\n/s)
  await edge.idle()
  t.match(accessLines(edge), [{ status: 403, result: 'pass' }])
  t.match(
    origin.heads[0],
    /\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: [\w+/]{22}==\r\n/,
  )
  t.notMatch(origin.heads[0], /dGhlIHNhbXBsZSBub25jZQ/, 'with a key of our own')
})

t.test('a 101 that is no answer to our handshake is a 502', async t => {
  const accepts = 'Upgrade: websocket\r\nConnection: Upgrade\r\n'
  for (const [fields, why] of [
    [`${accepts}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n`, /Accept/],
    [accepts, /Accept/],
    ['Connection: Upgrade\r\n', /without Upgrade/],
    ['Upgrade: websocket\r\n', /without Connection/],
  ] as const) {
    const origin = await startRawOrigin(t, socket => void socket.write(`HTTP/1.1 101 Hm\r\n${fields}\r\n`))
    const edge = await startEdge(t, testConfig(t, [origin.url], { retries: { triesMax: 1 } }))
    const client = await connectRaw(edge.port)
    client.write(handshake())
    t.match(await client.until('\r\n\r\n502'), /detail=bad-response/)
    await edge.idle()
    t.match(
      edge.lines.find(({ msg }) => msg === 'origin failed'),
      { cause: why },
    )
  }
})

t.test('what is not wholly a handshake is answered like any request', async t => {
  const origin = await startRawOrigin(t, (socket, head) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`),
  )
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  for (const [what, text] of [
    ['no Upgrade', handshake().replace('Upgrade: websocket\r\n', '')],
    ['another Upgrade', handshake().replace('websocket', 'h2c')],
    ['no Connection', handshake().replace('Connection: Upgrade\r\n', '')],
    ['a key of another length', handshake().replace('Q==', '==')],
    ['a key that is no base64', handshake().replace('dGh', 'd!h')],
    ['a body', `${handshake('Content-Length: 2\r\n')}ab`],
  ]) {
    const client = await connectRaw(edge.port)
    client.write(text)
    const answer = await client.until(/\r\n\r\nGET .*\r\n\r\n/s)
    t.match(answer, /^HTTP\/1\.1 200 /, what)
    t.notMatch(answer, /\r\nUpgrade: /i, what)
    client.socket.destroy()
  }
})

t.test(
  'another version is refused with the one there is; a site may not pass them; there may be too many',
  async t => {
    const { edge } = await socketStage(t)
    const old = await connectRaw(edge.port)
    old.write(handshake('', '8'))
    const refusal = await old.closed()
    t.match(refusal, /^HTTP\/1\.1 426 .*\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n/s)

    const closed = await socketStage(t, undefined, { webSocket: { pass: false } })
    await t.rejects(openSocket(closed.edge.port, '/'), { message: 'status 404' })

    const full = await socketStage(t, undefined, {}, { limits: { webSocketsMax: 1 } })
    const first = await openSocket(full.edge.port, '/')
    await t.rejects(openSocket(full.edge.port, '/'), { message: 'status 503' })
    first.socket.close()
    await allOver(full.edge)
    t.match((await openSocket(full.edge.port, '/')).response.statusCode, 101)
  },
)
