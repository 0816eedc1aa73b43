// What is given ahead of the engine over TLS: the same as in the clear, and never what is of the other.
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { connectRaw } from '../support/client.js'
import { onUws } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { noise, play } from '../support/play.js'
import { answerTo } from './support/answer-to.js'
import { given } from './support/given.js'

const large = noise(1024 * 1024)
const middle = noise(40 * 1024)
const asking = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`
const later = (delayMs: number) => new Promise(resolve => setTimeout(resolve, delayMs))

async function stageOf(t: Test) {
  const address = '127.0.0.1'
  const listen = [
    { address, port: 0 },
    { address, port: 0, tls: { certificates: keyPairs(t) } },
  ]
  const stage = await play(
    t,
    (request, response) => {
      const short = Buffer.from(`by ${request.headers['x-forwarded-proto']}`)
      const body = request.url === '/large' ? large : request.url === '/middle' ? middle : short
      const fields = { 'cache-control': 'max-age=600', 'content-type': 'application/octet-stream' }
      response.writeHead(200, { ...fields, 'content-length': body.length }).end(body)
    },
    { store: 'lmdb', more: { listen, log: { access: 'off' } } },
  )
  given.hits = 0
  const [plainPort = 0, port = 0] = stage.edge.serving.ports
  const hits = () => {
    stage.edge.counters()
    return given.hits
  }
  return { ...stage, plainPort, port, hits, reader: await Reader.connect(t, port) }
}

/** One connection over TLS. */
class Reader {
  readonly socket: TLSSocket
  #chunks: Buffer[] = []

  constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('data', chunk => this.#chunks.push(chunk))
  }

  static async connect(t: Test, port: number): Promise<Reader> {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    t.teardown(() => socket.destroy())
    await once(socket, 'secureConnect')
    return new Reader(socket)
  }

  async answer(): Promise<{ head: string; body: Buffer }> {
    for (;;) {
      const all = Buffer.concat(this.#chunks)
      const end = all.indexOf('\r\n\r\n') + 4
      const head = all.toString('latin1', 0, end)
      const bytes = end + Number(/Content-Length: (\d+)/i.exec(head)?.[1])
      if (end >= 4 && all.length >= bytes) {
        this.#chunks = [all.subarray(bytes)]
        return { head, body: all.subarray(end, bytes) }
      }
      await once(this.socket, 'data')
    }
  }

  ask(target: string): Promise<{ head: string; body: Buffer }> {
    this.socket.write(asking(target))
    return this.answer()
  }
}

async function untilGiven(reader: Reader, target: string, hits: () => number): Promise<void> {
  for (let before = hits(); hits() === before; await later(10)) await reader.ask(target)
}

/** Without reading, until one answer waits for its client; one at a time, as two in one piece are the engine's. How many. */
async function askUntilFull({ socket }: Reader, hits: () => number): Promise<number> {
  socket.pause()
  for (let asked = 1; ; asked += 1) {
    const before = hits()
    socket.write(asking('/large'))
    while (given.memory?.sending() !== 1 && hits() === before) await later(2)
    await later(20)
    if (given.memory?.sending() === 1) return asked
  }
}

t.test('bodies of all lengths are given over TLS as the path gives them', onUws, async t => {
  const { reader, hits } = await stageOf(t)
  for (const [target, body] of Object.entries({
    '/': Buffer.from('by https'),
    '/middle': middle,
    '/large': large,
  })) {
    await untilGiven(reader, target, hits)
    const before = hits()
    for (let turn = 0; turn < 5; turn += 1) {
      const answer = await reader.ask(target)
      t.ok(answer.body.equals(body), target)
      t.match(answer.head, /^HTTP\/1\.1 200 OK\r\n[\s\S]*; hit; ttl=\d+\r\n/)
    }
    t.equal(hits(), before + 5, target)
  }
})

t.test('what is of the one is never given over the other', onUws, async t => {
  const { plainPort, reader, hits } = await stageOf(t)
  const client = await connectRaw(plainPort)
  await untilGiven(reader, '/', hits)
  for (let before = hits(); hits() === before; await later(10))
    t.match(await answerTo(client, asking('/')), /by http$/)
  t.match(await answerTo(client, asking('/')), /by http$/)
  t.equal((await reader.ask('/')).body.toString(), 'by https')
})

t.test('who reads slowly gets all of it, and what was asked behind', onUws, async t => {
  const { port, reader, hits } = await stageOf(t)
  await untilGiven(reader, '/large', hits)
  await untilGiven(reader, '/', hits)
  const slow = await Reader.connect(t, port)
  const asked = await askUntilFull(slow, hits)
  slow.socket.write(asking('/'))
  slow.socket.resume()
  for (let turn = 0; turn < asked; turn += 1) t.ok((await slow.answer()).body.equals(large))
  t.equal((await slow.answer()).body.toString(), 'by https')
})

t.test('who leaves in the middle is counted as that', onUws, async t => {
  const { edge, port, reader, hits } = await stageOf(t)
  await untilGiven(reader, '/large', hits)
  const slow = await Reader.connect(t, port)
  await askUntilFull(slow, hits)
  slow.socket.destroy()
  while (edge.counters().clientAborts === 0) await later(5)
  t.equal(given.memory?.sending(), 0)
  t.ok((await reader.ask('/large')).body.equals(large))
})
