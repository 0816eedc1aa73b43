// Each message of the table over a raw socket, on either engine.
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { connectRaw } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { chunkMessages, type Message, messages } from '../support/messages.js'
import { startOrigin } from '../support/origin.js'

const engines = ['uws', 'node'] as const
type Engine = (typeof engines)[number]

interface Outcome {
  answers: readonly number[]
  text: string
  origin: readonly string[]
}

/** So long nothing has come from a connection that stays open. */
const quietMs = 700
/** For the first word: all are told at once, and the machine may have others to work for. */
const firstMs = 4_000

async function tellAll(t: Test, engine: Engine, all: readonly Message[]) {
  const heard: [target: string, what: string][] = []
  const origin = await startOrigin(t, (request, response) => {
    const { method, url = '' } = request
    const chunks: Buffer[] = []
    const note = (body: string) => heard.push([url, `${method} ${body}`])
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      note(Buffer.concat(chunks).toString('latin1'))
      response.end('ok')
    })
    request.on('error', () => note('(broken)'))
  })
  const listen = [{ address: '127.0.0.1', port: 0, engine }]
  const edge = await startEdge(
    t,
    testConfig(t, [origin.url], {}, { listen, limits: { bodyBytesMax: 1_000 } }),
  )
  const told = await Promise.all(
    all.map((message, row) => tell(edge.port, message.bytes.replaceAll('~~', `r${row}`))),
  )
  await edge.stop()
  const outcomes = told.map((text, row): Outcome => {
    const answers = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
    const own = heard.filter(([target]) => new RegExp(`^/?r${row}(?!\\d)`).test(target))
    return { answers, text, origin: own.map(([, what]) => what) }
  })
  return { outcomes, heard }
}

/** All that comes back until the connection ends, or nothing more does. */
async function tell(port: number, bytes: string): Promise<string> {
  const client = await connectRaw(port)
  client.write(Buffer.from(bytes, 'latin1'))
  await new Promise<void>(resolve => {
    let timer = setTimeout(resolve, firstMs)
    client.socket.on('data', () => {
      clearTimeout(timer)
      timer = setTimeout(resolve, quietMs)
    })
    client.socket.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  client.socket.destroy()
  return client.received()
}

for (const engine of engines) {
  t.test(`${engine}: what each message comes to`, engine === 'node' ? needsAddon : {}, async t => {
    const { outcomes, heard } = await tellAll(t, engine, messages)
    for (const [row, message] of messages.entries()) {
      const { answers, origin } = outcomes[row]!
      const expected = message[engine]
      t.strictSame(answers, expected, message.name)
      if (expected[0] === 200) t.strictSame(origin, message.origin, `${message.name}: at the origin`)
      else t.strictSame(unexpected(origin, message), [], `${message.name}: at the origin`)
    }
    t.strictSame(strangers(heard), [], 'nothing was smuggled')
  })
}

/** A request that was refused may have begun at the origin, if it was broken off there. */
function unexpected(origin: readonly string[], message: Message): string[] {
  return origin.filter(what => !what.endsWith('(broken)') && !message.origin.includes(what))
}

function strangers(heard: readonly [string, string][]): string[] {
  return heard
    .filter(([target]) => !/^\/?r\d+|^\*$/.test(target))
    .map(([target, what]) => `${target} ${what}`)
}

t.test('node: the framing of chunks is checked to the end', needsAddon, async t => {
  const { outcomes, heard } = await tellAll(t, 'node', chunkMessages)
  for (const [row, message] of chunkMessages.entries()) {
    const { answers, origin } = outcomes[row]!
    t.strictSame(answers, message.node, message.name)
    const expected = message.node[0] === 200 ? ['POST hello'] : []
    t.strictSame(
      origin.filter(what => !what.endsWith('(broken)')),
      expected,
      `${message.name}: at the origin`,
    )
  }
  t.strictSame(strangers(heard), [])
})

t.test('uws: behind a body whose chunks may be framed otherwise nothing is answered', async t => {
  const followed = chunkMessages.map(message => ({
    ...message,
    bytes: `${message.bytes}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`,
  }))
  const { outcomes, heard } = await tellAll(t, 'uws', followed)
  for (const [row, { name }] of followed.entries()) t.ok(outcomes[row]!.answers.length <= 1, name)
  t.strictSame(strangers(heard), [])
})
