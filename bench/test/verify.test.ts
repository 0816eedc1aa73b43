import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import type { Peer } from '../peers/peer.js'
import { hit } from '../scenarios/hit.js'
import { difference, verify } from '../verify.js'
import { listenOn } from './support/servers.js'

const item = { name: '2 B', target: '/', bodyBytes: 2, connections: 1 }

/** Answers from the list, the last one for ever. */
async function serve(
  t: Test,
  ...answers: { status?: number; body: string; hit?: boolean }[]
): Promise<string> {
  const server = createServer((_, response) => {
    const { status = 200, body, hit } = answers.length > 1 ? answers.shift()! : answers[0]!
    response.writeHead(status, hit ? { 'X-Cache': 'HIT' } : {}).end(body)
  })
  return `http://127.0.0.1:${await listenOn(t, server)}`
}

function peerAt(url: string): Peer {
  return {
    name: 'peer',
    url,
    configuration: '',
    directory: '',
    start: async () => {},
    pids: () => [],
    stop: async () => {},
  }
}

t.test('verify() accepts the same bytes, and a hit that takes a moment to become one', async t => {
  const origin = await serve(t, { body: 'ok' })
  const peer = await serve(t, { body: 'ok' }, { body: 'ok' }, { body: 'ok', hit: true })
  await verify(peerAt(peer), hit, item, origin)
})

t.test('verify() refuses what is not the same or not as the scenario means it', async t => {
  const origin = await serve(t, { body: 'ok' })
  const cases: [message: string, url: string][] = [
    ["has status 502, the origin's 200", await serve(t, { status: 502, body: 'ok' })],
    ["has other bytes than the origin's (3 against 2)", await serve(t, { body: 'oh!' })],
    [
      "has other bytes than the origin's (1 against 2)",
      await serve(t, { body: 'ok' }, { body: 'o', hit: true }),
    ],
    ['is not a cache hit', await serve(t, { body: 'ok' })],
  ]
  for (const [message, url] of cases) {
    const expected = { message: `peer, hit 2 B: the answer ${message}`, exitCode: 1 }
    await t.rejects(verify(peerAt(url), hit, item, origin), expected, message)
  }
})

t.test('verify() distrusts an origin that does not answer as the scenario says', async t => {
  const wrong = [await serve(t, { body: 'longer' }), await serve(t, { status: 404, body: 'no' })]
  for (const origin of wrong) {
    await t.rejects(verify(peerAt(origin), hit, item, origin), { message: /the origin does not answer \// })
  }
})

t.test('difference() is undefined for equal answers', async t => {
  const answer = { status: 200, fields: {}, body: Buffer.from('a') }
  t.equal(difference(answer, { ...answer, fields: { age: '1' } }), undefined)
})
