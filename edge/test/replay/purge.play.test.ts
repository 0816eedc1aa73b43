// Two workers that give answers again, while what they give is purged and changed: after the receipt not one old byte, and
// no connection ever sees what is older than what it has seen.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { runDirectoryOf } from '../shared/support/ground.js'
import { get } from '../support/client.js'
import { onUws } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { realMain, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const rounds = Number(process.env.NAIJ_PURGE_ROUNDS ?? 300)
const together = 12
const hook = fileURLToPath(new URL('./support/note-given.js', import.meta.url))
const answered = /^(\S+) (\d+)$/

interface Stage {
  version: number
  /** What an answer over this connection says. */
  versionAt(connection: number, target: string, method?: string): Promise<number>
  purge(what: Record<string, unknown>): Promise<void>
  /** How many each worker has given ahead of the engine. */
  given(): number[]
}

async function stageOf(t: Test): Promise<Stage> {
  const directory = t.testdir({ given: {} })
  const origin = await startOrigin(t, (request, response) => {
    request.resume()
    const fields = { 'cache-control': 'max-age=600', 'cache-tag': 'one', etag: `"${stage.version}"` }
    response.writeHead(200, fields).end(`${request.url} ${stage.version}`)
  })
  const { NODE_OPTIONS: options = '' } = process.env
  process.env.NODE_OPTIONS = `${options} --import=${hook}`
  process.env.NAIJ_TEST_GIVEN = `${directory}/given`
  mkdirSync(`${directory}/edge`)
  const edge = startEdge(
    t,
    {
      sites: [{ name: 'play', hosts: ['a'], origins: [origin.url] }],
      ...{ run: { directory: runDirectoryOf(t) }, drainQuietMs: '0ms', log: { access: 'off' } },
      cache: { directory: `${directory}/edge/cache`, bytesMax: '16MiB', replay: true },
    },
    realMain,
    `${directory}/edge`,
  )
  const port = Number(new URL(await edge.url()).port)
  process.env.NODE_OPTIONS = options
  await until(async () => ((await edge.status()).keeper.state === 'keeping' ? true : undefined))
  const agents = Array.from({ length: together }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  t.teardown(() => {
    for (const agent of agents) agent.destroy()
  })
  const stage: Stage = {
    version: 1,
    versionAt: async (connection, target, method = 'GET') => {
      const agent = agents[connection % together]!
      const { text } = await get(port, target, { agent, method, headers: { host: 'a' } })
      const [, url, version] = answered.exec(text) ?? []
      if (url !== target) throw new Error(`${target} is answered with ${text}`)
      return Number(version)
    },
    purge: async what => {
      const { status, body } = await edge.purge(what)
      if (status !== 200) throw new Error(`${status} ${body}`)
    },
    given: () =>
      readdirSync(`${directory}/given`).map(pid => Number(readFileSync(`${directory}/given/${pid}`, 'utf8'))),
  }
  return stage
}

/** Asks without a pause, over every connection. */
function hammer(stage: Stage, targets: readonly string[]) {
  let isOver = false
  const backwards: string[] = []
  const ask = async (connection: number): Promise<void> => {
    const seen = new Map<string, number>()
    for (let turn = 0; !isOver; turn += 1) {
      const target = targets[turn % targets.length]!
      const version = await stage.versionAt(connection, target)
      if (version < (seen.get(target) ?? 0)) backwards.push(`${target}: ${version} after ${seen.get(target)}`)
      seen.set(target, version)
    }
  }
  const over = Promise.all(Array.from({ length: together - 4 }, (_, at) => ask(at)))
  return {
    backwards,
    end: async () => {
      isOver = true
      await over
    },
  }
}

t.test('after the receipt of a purge nothing old is given again', onUws, async t => {
  const stage = await stageOf(t)
  const targets = ['/a', '/b']
  const kinds: Record<string, unknown>[] = [
    { kind: 'url', items: ['http://a/a'] },
    { kind: 'tag', site: 'play', items: ['one'] },
    { kind: 'site', site: 'play' },
    { kind: 'prefix', items: ['http://a/a'] },
    { kind: 'url', items: ['http://a/a'], soft: true },
  ]
  const hammered = hammer(stage, targets)
  const old: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    stage.version += 1
    const what = kinds[round % kinds.length]!
    await stage.purge(what)
    const wanted = stage.version
    const versions = await Promise.all([0, 1, 2, 3].map(at => stage.versionAt(together - 1 - at, '/a')))
    if (versions.some(version => version < wanted))
      old.push(`${JSON.stringify(what)}: ${versions}, not ${wanted}`)
    // So that it is stored, and given again, by the next one.
    if (round % 4 === 0) await new Promise(resolve => setTimeout(resolve, 20))
  }
  await hammered.end()
  t.strictSame(old, [])
  t.strictSame(hammered.backwards, [])
  t.equal(stage.given().length, 2, 'both workers')
  // Which of them has the connections is the kernel's choice.
  t.ok(
    stage.given().some(count => count > rounds),
    `given: ${stage.given()}`,
  )
})

t.test('what one worker changes the other does not give again for long', onUws, async t => {
  const stage = await stageOf(t)
  const hammered = hammer(stage, ['/a'])
  let longestMs = 0
  for (let round = 0; round < rounds / 3; round += 1) {
    stage.version += 1
    const wanted = stage.version
    await stage.versionAt(together - 1 - (round % 4), '/a', 'POST')
    const startMs = performance.now()
    for (const at of [0, 1, 2, 3]) while ((await stage.versionAt(together - 1 - at, '/a')) < wanted);
    longestMs = Math.max(longestMs, performance.now() - startMs)
  }
  await hammered.end()
  // What another worker began to fetch before may be stored after: a purge has fences against that, this has not.
  t.comment(`the longest: ${longestMs} ms; given: ${stage.given()}`)
  t.ok(stage.given().some(count => count > rounds / 3))
})
