// Plays: origins that are gone, silent, broken or hostile. Each time the client learns the truth, it is logged and
// counted once, nothing of it is stored, and the next request is answered.
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { get } from '../support/client.js'
import { startEdge, type TestEdge, testConfig } from '../support/edge.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { accessLines, always, failureLines } from '../support/play.js'

type Json = Record<string, unknown>

const ok = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n'
const timeouts = { connectMs: 1_000, firstByteMs: 1_000, betweenBytesMs: 500 }

/** An edge in front of an origin that answers `/good` well, and everything else by `script`. */
async function stage(t: Test, script: (socket: Socket, head: string) => void, site: Json = {}) {
  const bad = new Set<Socket>()
  const origin = await startRawOrigin(t, (socket, head) => {
    const isGood = /^\w+ \/good /.test(head)
    if (!isGood) bad.add(socket)
    else if (bad.has(socket)) reused.add(origin.url)
    if (isGood) socket.write(`${ok}Content-Length: 4\r\n\r\ngood`)
    else script(socket, head)
  })
  return { origin, edge: await startEdge(t, testConfig(t, [origin.url], site)) }
}

/** Origins to which `/good` came over a connection on which something else had been asked before. */
const reused = new Set<string>()

/** What has to hold after one failure with `code`, whatever it was. */
async function aftermath(t: Test, edge: TestEdge, code: string | RegExp, status = 502): Promise<void> {
  await edge.idle()
  t.match(failureLines(edge), [{ code, site: 'play', level: 40 }])
  t.equal(failureLines(edge).length, 1, 'one line')
  t.match(accessLines(edge), [{ status, result: 'error', detail: code }])
  t.match(edge.counters(), {
    requests: 1,
    active: 0,
    originErrors: 1,
    results: { error: 1 },
    cacheEntries: 0,
  })
  t.match(await get(edge.port, '/good'), { status: 200, text: 'good' }, 'the next one is answered')
  t.notOk(reused.has(edge.config.sites[0].origins[0].url), 'over another connection')
}

t.test('an origin that refuses the connection: 502 connect-refused', async t => {
  const origin = await startOrigin(t, always(200, {}, 'x'))
  await origin.stop()
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const reply = await get(edge.port, '/a')
  t.match(reply, { status: 502, text: /origin could not be reached/ })
  t.match(reply.headers, {
    'cache-control': 'no-store',
    'cache-status': /detail=connect-refused/,
    via: '1.1 naij',
  })
  await edge.idle()
  t.match(failureLines(edge), [{ code: 'connect-refused', origin: origin.url, target: '/a' }])
  t.match(edge.counters(), {
    originErrors: 1,
    originRequests: 1,
    results: { error: 1 },
    statusClasses: { 5: 1 },
  })
  t.equal((await get(edge.port, '/b', { method: 'POST', body: 'x' })).status, 502)
})

t.test(
  'a reset before the head: a safe method is tried once more, others are not (RFC 9110 9.2.2)',
  async t => {
    for (const [method, tries] of [
      ['GET', 2],
      ['HEAD', 2],
      ['POST', 1],
      ['DELETE', 1],
    ] as const) {
      const { origin, edge } = await stage(t, socket => socket.resetAndDestroy())
      t.equal((await get(edge.port, '/a', { method })).status, 502, method)
      t.equal(origin.heads.length, tries, method)
      await aftermath(t, edge, /^origin-(reset|closed)$/)
    }
  },
)

t.test('a kept connection that the origin closed meanwhile: asked again, nobody notices', async t => {
  const { origin, edge } = await stage(t, (socket, head) => {
    if (head.startsWith('GET /first') || origin.heads.length > 2)
      socket.write(`${ok}Content-Length: 2\r\n\r\nok`)
    else socket.end()
  })
  await get(edge.port, '/first')
  t.match(await get(edge.port, '/second'), { status: 200, text: 'ok' })
  await edge.idle()
  t.equal(origin.heads.length, 3)
  t.match(edge.counters(), { originErrors: 0, results: { miss: 2, error: 0 } })
  t.strictSame(failureLines(edge), [])
})

t.test('an answer that is no sound HTTP: 502, nothing of it reaches the client (http-rules 9)', async t => {
  const table: [string, string][] = [
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['a bad status', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a field without colon', 'HTTP/1.1 200 OK\r\nBad Field\r\n\r\n'],
    ['a space before the colon', `${ok}Bad : x\r\nContent-Length: 1\r\n\r\nx`],
    ['a control character in a value', `${ok}X: a\x01b\r\nContent-Length: 1\r\n\r\nx`],
    ['NUL in a value', `${ok}X: a\0b\r\nContent-Length: 1\r\n\r\nx`],
    ['CR in a value', `${ok}X: a\rSet-Cookie: b\r\nContent-Length: 1\r\n\r\nx`],
    ['two Content-Lengths', `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy`],
    ['a Content-Length that is no number', `${ok}Content-Length: 1x\r\n\r\nx`],
    [
      'Content-Length and Transfer-Encoding',
      `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'a transfer coding that we cannot undo',
      `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    ],
    ['chunked twice', `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown transfer coding', `${ok}Transfer-Encoding: xchunked\r\n\r\nx`],
    ['a protocol switch that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a head over 64 KiB', `${ok}${`X: ${'x'.repeat(1_000)}\r\n`.repeat(70)}\r\n`],
    ['interim answers without end', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(17)],
  ]
  for (const [name, bytes] of table) {
    const { edge } = await stage(t, socket => void socket.write(Buffer.from(bytes, 'latin1')))
    const reply = await get(edge.port, '/a')
    t.match(reply, { status: 502, text: /unusable answer/ }, name)
    t.equal(reply.headers['set-cookie'], undefined, name)
    await aftermath(t, edge, /^(bad-response|origin-closed|origin-failed|short-body)$/)
  }
})

t.test('interim answers are skipped (RFC 9110 15.2)', async t => {
  const { edge } = await stage(t, socket => {
    socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n`)
    socket.write(`${ok}Content-Length: 2\r\n\r\nok`)
  })
  const reply = await get(edge.port, '/a')
  t.match(reply, { status: 200, text: 'ok' })
  t.notOk('link' in reply.headers)
})

t.test('an origin that never answers: 504 first-byte-timeout', async t => {
  const { edge } = await stage(t, () => {}, { timeouts })
  t.match(await get(edge.port, '/a'), {
    status: 504,
    headers: { 'cache-status': /detail=first-byte-timeout/ },
  })
  await aftermath(t, edge, 'first-byte-timeout', 504)
})

t.test('an exchange that takes longer than totalMs: 504 total-timeout', async t => {
  const { edge } = await stage(t, () => {}, { timeouts: { totalMs: 1_000 } })
  t.equal((await get(edge.port, '/a')).status, 504)
  await aftermath(t, edge, 'total-timeout', 504)
})

t.test(
  'a body that does not come whole: the client is broken off, nothing is stored (http-rules 10)',
  async t => {
    const length = `${ok}Content-Length: 10\r\n\r\nhello`
    const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`
    const table: [string, string, 'stall' | 'end' | 'reset', string | RegExp][] = [
      ['a stall, of known length', length, 'stall', 'between-bytes-timeout'],
      ['a stall, chunked', chunked, 'stall', 'between-bytes-timeout'],
      ['an end too soon, of known length', length, 'end', 'short-body'],
      ['an end too soon, chunked', chunked, 'end', 'short-body'],
      ['an end within a chunk', `${chunked}5\r\nhe`, 'end', 'short-body'],
      // Node shuts its side before it resets: which of the two is seen first is the kernel's to say.
      ['a reset, of known length', length, 'reset', /origin-(reset|closed)|short-body/],
      ['a bad chunk', `${chunked}zz\r\n`, 'stall', 'bad-response'],
    ]
    await Promise.all(
      table.map(async ([name, bytes, ending, code]) => {
        const { edge } = await stage(t, socket => void socket.write(bytes, () => act(socket, ending)), {
          timeouts,
        })
        await t.rejects(get(edge.port, '/a'), name)
        await aftermath(t, edge, code, 200)
      }),
    )
  },
)

function act(socket: Socket, ending: 'stall' | 'end' | 'reset'): void {
  if (ending === 'end') socket.end()
  // What was written has to arrive first.
  if (ending === 'reset') setTimeout(() => socket.resetAndDestroy(), 20)
}

t.test('a body longer than promised: the client gets what was promised, and nobody the rest', async t => {
  const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
  const { edge } = await stage(
    t,
    (socket, head) => {
      const isFirst = head.startsWith('GET /first')
      socket.write(`${ok}Content-Length: 5\r\n\r\nhello${isFirst ? poison : ''}`)
    },
    { originConnectionsMax: 1 },
  )
  const replies = await Promise.all(['/first', '/second', '/third'].map(target => get(edge.port, target)))
  for (const reply of replies) t.match(reply, { status: 200, text: 'hello' })
  t.match(await get(edge.port, '/good'), { status: 200, text: 'good' })
})

t.test('answers that have no body whatever their fields say (RFC 9112 6.3)', async t => {
  for (const [method, status] of [
    ['GET', '204 No Content'],
    ['GET', '304 Not Modified'],
    ['HEAD', '200 OK'],
  ]) {
    const { edge } = await stage(t, socket => {
      socket.write(`HTTP/1.1 ${status}\r\nETag: "a"\r\nContent-Length: 10\r\n\r\n`)
    })
    // A range makes it a pass: an unasked 304 is another play.
    const reply = await get(edge.port, '/a', { method, headers: { range: 'bytes=0-1' } })
    t.match(reply, { status: Number(status.slice(0, 3)), text: '' }, status)
  }
})

t.test('of two origins one is dead: every safe request is served by the other', async t => {
  const [dead, alive] = [
    await startOrigin(t, always(200, {})),
    await startOrigin(t, always(200, {}, 'alive')),
  ]
  await dead.stop()
  const edge = await startEdge(t, testConfig(t, [dead.url, alive.url]))
  for (let turn = 0; turn < 6; turn += 1) {
    t.match(await get(edge.port, `/${turn}`), { status: 200, text: 'alive' })
  }
  await edge.idle()
  t.match(edge.counters(), { originErrors: 0, results: { miss: 6 } })
  t.equal(alive.asked.length, 6)
})
