// Answers that are given again while what they hang on changes: their time, the rules, the connections, and the edge itself.
import t, { type Test } from 'tap'
import { connectRaw, type RawClient } from '../support/client.js'
import { onUws } from '../support/edge.js'
import { noise, play, until } from '../support/play.js'
import { answerTo } from './support/answer-to.js'
import { given } from './support/given.js'

const large = noise(1024 * 1024)
const asking = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`

async function stageOf(t: Test, age = 600, site: Record<string, unknown> = {}) {
  const stage = await play(
    t,
    (request, response) => {
      const body = request.url === '/large' ? large : Buffer.from(`${request.url} ${Date.now()}`)
      const fields = { 'cache-control': `max-age=${age}`, 'content-type': 'application/octet-stream' }
      response.writeHead(200, { ...fields, 'content-length': body.length }).end(body)
    },
    { store: 'lmdb', site, more: { log: { access: 'off' }, cache: { replay: true } } },
  )
  given.hits = 0
  return { ...stage, connect: () => connectRaw(stage.edge.port) }
}

async function untilGiven(client: RawClient, target: string, edge: { counters(): unknown }): Promise<void> {
  for (let before = given.hits; given.hits === before; edge.counters()) await answerTo(client, asking(target))
}

t.test('what is over is over in the same millisecond', onUws, async t => {
  const { edge, connect } = await stageOf(t, 1)
  const clients = await Promise.all(Array.from({ length: 4 }, connect))
  const wrong: string[] = []
  const endMs = Date.now() + 4_200
  const ask = async (client: RawClient): Promise<void> => {
    while (Date.now() < endMs) {
      const fromMs = Date.now()
      const answer = await answerTo(client, asking('/a'))
      if (!answer.includes('; hit;')) continue
      const bornMs = Number(/ (\d{13})$/.exec(answer)?.[1])
      const isYoung = /\r\nAge: 0\r\n/.test(answer) && answer.includes('; hit; ttl=0\r\n')
      // What it took from the origin to here is not known.
      if (!isYoung || fromMs > bornMs + 1_100) wrong.push(`${fromMs - bornMs} ms: ${answer}`)
    }
  }
  await Promise.all(clients.map(ask))
  edge.counters()
  t.strictSame(wrong.slice(0, 3), [])
  t.ok(given.hits > 100, `${given.hits} given`)
})

t.test('what was sent after the rules were changed is answered by the new ones', onUws, async t => {
  const { edge, connect } = await stageOf(t)
  const [site] = edge.config.sites
  const rules = [
    { site: site!, status: '200' },
    { site: { ...site!, overQuota: true }, status: '429' },
    { site: { ...site!, https: { ...site!.https, redirect: '301' as const } }, status: '301' },
    { site: { ...site!, hosts: ['b'] }, status: '421' },
  ]
  const clients = await Promise.all(Array.from({ length: 8 }, connect))
  const seen = new Map<string, Set<string>>()
  await untilGiven(clients[0]!, '/a', edge)
  for (let round = 0; round < 200; round += 1) {
    const { site: next, status } = rules[round % 2 === 0 ? 0 : 1 + (round % 3)]!
    edge.serving.prepareSites([next])()
    for (let turn = 0; turn < 3; turn += 1) {
      // Who is refused may be closed, too.
      for (const [at, client] of clients.entries()) if (client.socket.destroyed) clients[at] = await connect()
      const answers = await Promise.all(clients.map(client => answerTo(client, asking('/a')).catch(String)))
      const statuses = seen.get(status) ?? new Set()
      seen.set(status, statuses)
      for (const answer of answers) statuses.add(answer.slice(9, 12))
    }
  }
  edge.counters()
  for (const { status } of rules)
    t.equal([...(seen.get(status) ?? [])].length, 1, `${status}: ${[...(seen.get(status) ?? [])]}`)
  t.strictSame([...seen.get('200')!], ['200'])
  t.ok(given.hits > 200, `${given.hits} given`)
})

t.test('a connection that has the number of one that left gets its own answer', onUws, async t => {
  const { edge, connect } = await stageOf(t)
  const steady = await connect()
  await untilGiven(steady, '/large', edge)
  await untilGiven(steady, '/a', edge)
  const small = (await answerTo(steady, asking('/a'))).split('\r\n\r\n')[1]!
  for (let round = 0; round < 60; round += 1) {
    const leaving = await Promise.all(Array.from({ length: 4 }, connect))
    for (const client of leaving) {
      client.socket.pause()
      client.write(asking('/large'))
    }
    if (round % 3 === 0) await until(() => (given.memory?.sending() ?? 0) > 0, 200).catch(() => {})
    for (const client of leaving) {
      if (round % 2 === 0) client.socket.resetAndDestroy()
      else client.socket.destroy()
    }
    const coming = await Promise.all(Array.from({ length: 4 }, connect))
    const answers = await Promise.all(coming.map(client => answerTo(client, asking('/a'))))
    t.ok(
      answers.every(answer => answer.endsWith(`\r\n\r\n${small}`)),
      `round ${round}`,
    )
    for (const client of coming) client.socket.destroy()
  }
  await until(() => given.memory?.sending() === 0)
  await edge.idle()
  t.ok((await answerTo(steady, asking('/a'))).endsWith(small))
})

t.test('who drains breaks nothing off', onUws, async t => {
  const { edge, connect } = await stageOf(t)
  const clients = await Promise.all(Array.from({ length: 40 }, connect))
  await untilGiven(clients[0]!, '/a', edge)
  await untilGiven(clients[0]!, '/large', edge)
  const slow = clients.slice(0, 10)
  const from = slow.map(client => client.received().length)
  for (const client of slow) {
    client.socket.pause()
    client.write(asking('/large'))
  }
  const failures: string[] = []
  let answers = 0
  const ask = async (client: RawClient): Promise<void> => {
    while (!client.socket.destroyed) {
      const before = client.received().length
      await answerTo(client, asking('/a')).then(
        () => {
          answers += 1
        },
        error => {
          if (client.received().length > before) failures.push(String(error))
        },
      )
    }
  }
  const asked = Promise.all(clients.slice(10).map(ask))
  await until(() => answers > 500)
  const stopped = edge.stop()
  await new Promise(resolve => setTimeout(resolve, 150))
  for (const client of slow) client.socket.resume()
  await Promise.all([stopped, asked])
  await Promise.all(slow.map(client => client.closed()))
  t.strictSame(failures, [])
  const whole = large.toString('latin1')
  for (const [at, client] of slow.entries())
    t.ok(client.received().slice(from[at]).endsWith(whole), `reader ${at}`)
})
