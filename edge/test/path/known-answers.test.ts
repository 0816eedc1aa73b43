// Plays: answers of one shape, one after the other. The first is read and learned from, the others pass by what is known, and
// no client can tell which was which.
import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { KnownAnswer, knownAnswers } from '../../fetch/known-answer.js'
import { connectRaw, get, type Reply, type Request } from '../support/client.js'
import { engine, startEdge, type TestEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { accessLines, cacheStatus, digest, noise, until } from '../support/play.js'

const noStore = 'Cache-Control: no-store\r\n'
/** Where nothing passes so, all must be the same but how often it was done. */
const isKnowing = knownAnswers !== undefined && engine === 'uws'

interface Stage {
  edge: TestEdge
  /** What the origin was asked. */
  heads: string[]
  ask(target: string, asked?: Request): Promise<Reply>
  /** How many answers have passed by what is known. */
  passed(): number
}

type Script = (socket: Socket, turn: number) => void

async function stage(t: Test, script: Script, site: Record<string, unknown> = {}): Promise<Stage> {
  let turn = 0
  const origin = await startRawOrigin(t, socket => script(socket, turn++))
  const edge = await startEdge(t, testConfig(t, [origin.url], site))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const lines = t.capture(KnownAnswer.prototype, 'linesWith', KnownAnswer.prototype.linesWith)
  let passed = 0
  return {
    edge,
    heads: origin.heads,
    ask: (target, asked) => get(edge.port, target, { agent, ...asked }),
    passed: () => {
      passed += lines().length
      return isKnowing ? passed : 0
    },
  }
}

/** `lines` of each turn, and a body that says which it is. */
function saying(lines: (turn: number) => string, status = '200 OK'): Script {
  return (socket, turn) => {
    const body = `body ${turn}`.padEnd(10 + turn, '.')
    socket.write(
      `HTTP/1.1 ${status}\r\n${lines(turn)}Content-Length: ${body.length}\r\n\r\n${body}`,
      'latin1',
    )
  }
}

/** Without the engine's Date. */
const linesOf = ({ fields }: Reply): string[] =>
  fields.flatMap((name, at) =>
    at % 2 === 0 && name.toLowerCase() !== 'date' ? [`${name}: ${fields[at + 1]}`] : [],
  )

t.test('values that differ arrive as they are, names as they were written', async t => {
  const lines = (turn: number) =>
    `${['X-Id', 'x-id', 'X-ID'][turn % 3]}:\t ${'\xe9'.repeat(turn)} \r\nSet-Cookie: a=${turn}\r\nSet-Cookie: b\r\n${noStore}Empty:\r\nETag: "${turn}"\r\n`
  const { ask, passed, edge, heads } = await stage(t, saying(lines))
  for (let turn = 0; turn < 6; turn += 1) {
    const reply = await ask('/a')
    t.strictSame(linesOf(reply), [
      `${['X-Id', 'x-id', 'X-ID'][turn % 3]}: ${'\xe9'.repeat(turn)}`,
      `Set-Cookie: a=${turn}`,
      'Set-Cookie: b',
      'Cache-Control: no-store',
      'Empty: ',
      `ETag: "${turn}"`,
      'Via: 1.1 naij',
      'Cache-Status: naij; fwd=uri-miss; fwd-status=200; detail=no-store',
      `Content-Length: ${10 + turn}`,
    ])
    t.equal(reply.text, `body ${turn}`.padEnd(10 + turn, '.'))
  }
  t.ok(!isKnowing || passed() >= 4, 'they are known from the second or third on')
  t.equal(new Set(heads).size, 1, 'the origin is asked the same each time')
  await edge.idle()
  const logged = accessLines(edge)
  t.equal(logged.length, 6)
  for (const [turn, line] of logged.entries())
    t.match(line, { status: 200, result: 'miss', detail: 'no-store', bytesOut: 10 + turn, completed: true })
  t.match(edge.counters(), { originRequests: 6, results: { miss: 6 }, cacheEntries: 0 })
})

const ordinary = `${noStore}Server: x\r\n`
const unlike: [
  row: string,
  lines: string,
  asked?: Request,
  site?: Record<string, unknown>,
  status?: string,
][] = [
  ['a rule of the site', ordinary, {}, { cache: { rules: [{ path: '/b', ttlMs: '1s' }] } }],
  ['a site that guesses', ordinary, {}, { cache: { preset: 'smart' } }],
  ['a validator', 'Last-Modified: x\r\nCache-Control: no-cache\r\n'],
  ['an Age', `Age: 5\r\n${ordinary}`],
  ['Expires', `Expires: 0\r\n${ordinary}`],
  ['an error', ordinary, {}, {}, '500 X'],
  ['a part', ordinary, {}, {}, '206 X'],
  ['a condition', ordinary, { headers: { 'If-None-Match': '"a"' } }],
  ['a range', ordinary, { headers: { Range: 'bytes=0-1' } }],
  ['credentials', ordinary, { headers: { Authorization: 'Basic a' } }],
  ['a field of no standard', ordinary, { headers: { 'X-A': 'b' } }],
  ['a body', ordinary, { method: 'POST', body: 'a' }],
]

t.test('what may be decided otherwise is read each time', async t => {
  for (const [row, lines, asked, site, status = '200 OK'] of unlike) {
    const { ask, passed } = await stage(
      t,
      saying(() => lines, status),
      site,
    )
    for (let turn = 0; turn < 4; turn += 1)
      t.match(await ask(`/${turn}`, asked), { status: Number(status.slice(0, 3)), text: /^body/ }, row)
    t.equal(passed(), 0, row)
  }
})

t.test('RFC 9111 4.2.3: Age is that of its Date', async t => {
  const now = Date.now()
  const ages: [date: string, age: RegExp][] = [
    [new Date(now - 100_000).toUTCString(), /^1\d\d$/],
    [new Date(now + 100_000).toUTCString(), /^undefined$/],
    ['nothing of a date, 29 letters', /^undefined$/],
    ['Sun, 06 Nov 1994 08:49:37 GMT', /^1\d{9}$/],
  ]
  const turns = [0, 0, 0, 1, 1, 2, 2, 0, 3, 3, 1, 2, 3, 0]
  const { ask, passed } = await stage(
    t,
    saying(turn => `${noStore}Date: ${ages[turns[turn]!]![0]}\r\n`),
  )
  for (const [at, turn] of turns.entries()) t.match(String((await ask(`/${at}`)).headers.age), ages[turn]![1])
  t.ok(!isKnowing || passed() >= turns.length - 2)
})

t.test('what is not for clients is kept back of each', async t => {
  const lines = (turn: number) =>
    `Connection: keep-alive, X-Hop\r\nX-Hop: ${turn}\r\nCache-Tag: ${turn}\r\nKeep-Alive: timeout=5\r\n` +
    `Strict-Transport-Security: max-age=${turn}\r\nLocation: /${turn}\r\nlocation: /other\r\n${noStore}`
  const { ask, passed } = await stage(t, saying(lines, '302 Found'), { https: { hstsMs: '1h' } })
  for (let turn = 0; turn < 4; turn += 1) {
    t.strictSame(linesOf(await ask('/a')).slice(0, 3), [
      `Location: /${turn}`,
      'Cache-Control: no-store',
      'Via: 1.1 naij',
    ])
  }
  t.ok(!isKnowing || passed() >= 2)
})

t.test(
  '`Connection: close` of the origin is obeyed, and what comes behind an answer ends the connection',
  async t => {
    for (const [lines, rest] of [
      ['Connection: close\r\n', ''],
      ['', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'],
    ] as const) {
      const sockets = new Set<Socket>()
      const { ask, passed } = await stage(t, socket => {
        sockets.add(socket)
        socket.write(`HTTP/1.1 200 OK\r\n${noStore}${lines}Content-Length: 2\r\n\r\nok${rest}`)
      })
      for (let turn = 0; turn < 4; turn += 1) t.equal((await ask(`/${turn}`)).text, 'ok')
      t.equal(sockets.size, 4)
      t.ok(!isKnowing || passed() >= 2)
    }
  },
)

t.test('bodies of any length and kind, to a client that reads slowly', async t => {
  const body = noise(1_000_000)
  const chunked = [Buffer.from('f4240\r\n'), body, Buffer.from('\r\n0\r\n\r\n')]
  const kinds: Record<string, Buffer[]> = {
    length: [Buffer.from(`HTTP/1.1 200 OK\r\n${noStore}Content-Length: 1000000\r\n\r\n`), body],
    chunks: [Buffer.from(`HTTP/1.1 200 OK\r\n${noStore}Transfer-Encoding: chunked\r\n\r\n`), ...chunked],
    none: [Buffer.from(`HTTP/1.1 200 OK\r\n${noStore}Content-Length: 0\r\n\r\n`)],
  }
  for (const [kind, pieces] of Object.entries(kinds)) {
    const { edge, ask, passed } = await stage(t, socket => void socket.write(Buffer.concat(pieces)))
    for (let turn = 0; turn < 3; turn += 1)
      t.equal(digest((await ask(`/${turn}`)).body), digest(kind === 'none' ? Buffer.alloc(0) : body), kind)
    const slow = await connectRaw(edge.port)
    slow.socket.pause()
    slow.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
    await new Promise(resolve => setTimeout(resolve, 50))
    slow.socket.resume()
    if (kind === 'length') t.ok((await slow.until(body.subarray(-9).toString('latin1'))).length > 1_000_000)
    slow.socket.destroy()
    t.ok(!isKnowing || passed() >= 2)
  }
})

t.test('a client that leaves in the middle, and an origin that does', async t => {
  const closed: string[] = []
  const script: Script = (socket, turn) => {
    socket.on('close', () => closed.push(`${turn}`))
    socket.write(`HTTP/1.1 200 OK\r\n${noStore}Content-Length: 99\r\n\r\nbegun`)
    if (turn >= 3) socket.end()
  }
  // Of one whom others may follow it is not seen that it leaves.
  const { edge, ask, passed } = await stage(t, script, { cache: { collapse: false } })
  for (let turn = 0; turn < 3; turn += 1) {
    const client = await connectRaw(edge.port)
    client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
    await client.until('begun')
    client.socket.destroy()
    await until(() => closed.length > turn)
  }
  await t.rejects(ask('/a'))
  await edge.idle()
  const lines = accessLines(edge)
  for (const line of lines) t.match(line, { status: 200, completed: false, detail: /no-store|short-body/ })
  t.equal(lines.length, 4)
  t.ok(!isKnowing || passed() >= 2)
})

t.test('what was stored goes when an answer of a known shape comes in its place', async t => {
  const { ask, heads, edge } = await stage(t, (socket, turn) => {
    const lines = turn === 3 ? 'Cache-Control: max-age=0\r\nETag: "a"\r\n' : noStore
    socket.write(`HTTP/1.1 200 OK\r\n${lines}Content-Length: 2\r\n\r\nok`)
  })
  for (const target of ['/1', '/2', '/3', '/a']) await ask(target)
  await until(() => edge.counters().cacheEntries === 1)
  t.match(cacheStatus(await ask('/a')), 'fwd=stale; fwd-status=200; detail=no-store')
  t.match(heads.at(-1), /if-none-match: "a"/i)
  await until(() => edge.counters().cacheEntries === 0)
})

t.test('all who ask for the same at once are answered, each by an answer of its own', async t => {
  const { edge, heads } = await stage(t, (socket, turn) => {
    setTimeout(() => saying(() => noStore)(socket, turn), 20)
  })
  for (let round = 0; round < 2; round += 1) {
    const agent = new Agent({ keepAlive: true })
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => get(edge.port, `/${round}`, { agent })),
    )
    agent.destroy()
    t.equal(new Set(replies.map(({ text }) => text)).size, 20)
    t.equal(heads.length, 20 * (round + 1))
  }
})
