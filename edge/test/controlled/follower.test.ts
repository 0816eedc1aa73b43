// An edge that follows control, against a scripted one over a real socket: what it asks, what it does when control breaks off,
// refuses, is silent, or is another one.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { Follower } from '../../controlled/follower.js'
import type { LedEdge } from '../../controlled/obedience.js'
import { EdgeState } from '../../controlled/state.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { until } from '../support/play.js'

interface Script {
  snapshot: { status: number; body: unknown }
  /** What the feed says at first; a status instead refuses it. */
  feed: unknown[] | number
  ackStatus: number
}

async function sceneOf(t: Test, more: Partial<Script> = {}) {
  const script: Script = {
    snapshot: { status: 200, body: { epoch: 1, position: 1, revision: 1, sites: [{ name: 'a' }] } },
    feed: [{ type: 'hello', epoch: 1, position: 1, revision: 1 }],
    ackStatus: 204,
    ...more,
  }
  const asked: string[] = []
  const acks: Record<string, unknown>[] = []
  let stream: ServerResponse | undefined
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const [path] = request.url!.split('?')
    asked.push(path!)
    if (path === '/v1/edge/snapshot')
      return void response.writeHead(script.snapshot.status).end(JSON.stringify(script.snapshot.body))
    if (path === '/v1/edge/acks') {
      let text = ''
      request.on('data', data => {
        text += data
      })
      return void request.on('end', () => {
        acks.push(JSON.parse(text))
        response.writeHead(script.ackStatus).end()
      })
    }
    if (typeof script.feed === 'number') return void response.writeHead(script.feed).end('{"detail":"no"}')
    stream = response
    response.writeHead(200)
    for (const line of script.feed) response.write(`${JSON.stringify(line)}\n`)
  }
  const server = createServer(answer)
  const socket = `${runDirectoryOf(t)}/control.sock`
  await new Promise<void>(resolve => server.listen(socket, resolve))
  const done: string[] = []
  const edge: LedEdge = {
    serve: async sites => {
      done.push(`serve ${sites.map(({ name }) => name).join(' ')}`)
      return []
    },
    purge: async ({ kind }) => {
      done.push(`purge ${kind}`)
      return { sequence: 1 }
    },
    count: async () => ({ entries: 1, scanned: 2, complete: true, reasons: [] }),
    tap: tails => void done.push(`tap ${tails.length}`),
    health: async () => ({ ready: true }),
  }
  const directory = t.testdir({ token: 'nce_a_b' })
  const lines: string[] = []
  const note = (_: unknown, text?: string) => void lines.push(text ?? String(_))
  const follower = new Follower({
    config: {
      ...{
        url: `unix:${socket}`,
        tokenFile: `${directory}/token`,
        silenceMs: 1_000,
        reconnectDelayMaxMs: 20,
      },
      ...{ healthMs: 20, usageMs: 20, receiptsMax: 100 },
    },
    ...{ name: 'me', version: '1', edge },
    state: new EdgeState(`${directory}/state`),
    usageDirectory: `${directory}/usage`,
    log: { info: note, warn: note, error: note },
  })
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await follower.stop()
  })
  const say = (...said: unknown[]) => said.forEach(line => void stream!.write(`${JSON.stringify(line)}\n`))
  return { script, asked, acks, done, lines, follower, say, end: () => void stream!.end() }
}

t.test('the snapshot, the feed, and what is told of both', async t => {
  const { follower, done, acks, say } = await sceneOf(t)
  t.match(follower.status(), { state: 'connecting', heardAgoMs: null, epoch: null, revision: null })
  follower.start()
  t.equal(await follower.catchUp(5_000), true)
  t.match(follower.status(), {
    state: 'connected',
    why: null,
    epoch: 1,
    position: 1,
    revision: 1,
    refused: null,
  })
  const purge = { id: 'p', kind: 'tag', site: 'a', items: ['x'], soft: false }
  say({ type: 'purge', position: 2, ...purge }, { type: 'count', ...purge }, { type: 'news' })
  await until(() => acks.some(({ position }) => position === 2))
  await until(() => acks.some(({ counts }) => (counts as unknown[]).length === 1))
  await until(() => acks.filter(({ health }) => health !== undefined).length > 1)
  t.strictSame(done, ['serve a', 'purge tag'])
  t.equal(await follower.catchUp(0), true)
  follower.tell()
})

t.test('control that ends, and comes again', async t => {
  const { follower, lines, asked, end } = await sceneOf(t)
  follower.start()
  await follower.catchUp(5_000)
  end()
  await until(() => asked.filter(path => path === '/v1/edge/feed').length === 2)
  await until(() => follower.status().state === 'connected')
  t.strictSame(lines, [
    'control is there',
    'control is away: the edge serves what it has',
    'control is there',
  ])
  t.equal(asked.filter(path => path === '/v1/edge/snapshot').length, 1)
})

t.test('what control will not give, the edge asks for again, and says so once', async t => {
  const { follower, lines, asked, script } = await sceneOf(t, {
    snapshot: { status: 401, body: { detail: 'who?' } },
  })
  follower.start()
  t.equal(await follower.catchUp(50), false)
  await until(() => asked.length > 3)
  t.strictSame(lines, ['control is away: the edge serves what it has'])
  t.match(follower.status(), { state: 'connecting', why: 'control answers 401: who?' })
  script.snapshot = { status: 200, body: { epoch: 1, position: 1, revision: 1, sites: [] } }
  script.feed = 403
  await until(() => follower.status().why === 'control answers 403: no')
  script.feed = [{ type: 'hello', epoch: 1, position: 1, revision: 1 }]
  await until(() => follower.isCaughtUp)
})

t.test(
  'one that does not know what follows: the snapshot again, and nothing stored is used unvalidated',
  async t => {
    const { follower, done, script, end } = await sceneOf(t)
    follower.start()
    await follower.catchUp(5_000)
    script.feed = 410
    script.snapshot.body = { epoch: 2, position: 9, revision: 7, sites: [{ name: 'b' }] }
    end()
    await until(() => done.length === 3)
    script.feed = [{ type: 'hello', epoch: 2, position: 9, revision: 7 }]
    await until(() => follower.status().position === 9)
    t.strictSame(done.slice(0, 3), ['serve a', 'purge all', 'serve b'])
  },
)

t.test('what control does not take is said, and told again', async t => {
  const { follower, lines, acks, script } = await sceneOf(t, { ackStatus: 500 })
  follower.start()
  await until(() => acks.length > 2)
  t.ok(lines.includes('control did not take what the edge had to tell'))
  script.ackStatus = 410
  const before = acks.length
  await until(() => acks.length > before + 1)
})

t.test('nothing is done any more once it is stopped', async t => {
  const { follower, asked } = await sceneOf(t, { feed: 503 })
  follower.start()
  await until(() => asked.length > 2)
  await follower.stop()
  const count = asked.length
  await new Promise(resolve => setTimeout(resolve, 60))
  t.equal(asked.length, count)
})
