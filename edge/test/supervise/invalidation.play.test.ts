// RFC 9111 4.4 over real workers: whoever has seen the answer to a POST never sees again what was there before it, whichever
// worker he asks, what others ask at the time, and what is being fetched, stored or removed just then.
import { Agent, request } from 'node:http'
import t from 'tap'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { startOrigin } from '../support/origin.js'
import { realMain, startEdge } from '../support/supervise-play.js'

const clients = 12
const requestsEach = 250
const targets = Array.from({ length: 20 }, (_, number) => `/${number}`)

interface Answer {
  version: number
  isHit: boolean
}

function ask(port: number, agent: Agent, method: 'GET' | 'POST', path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'a', ...(method === 'POST' && { 'content-length': 1 }) }
    const asked = request({ port, agent, method, path, headers }, response => {
      let text = ''
      response
        .on('data', part => {
          text += part
        })
        .on('end', () => {
          resolve({ version: Number(text), isHit: /^naij; hit/.test(`${response.headers['cache-status']}`) })
        })
        .on('error', reject)
    })
    asked.on('error', reject).end(method === 'POST' ? 'x' : undefined)
  })
}

t.test('nobody sees what was there before a POST whose answer is known', needsAddon, async t => {
  const versions = new Map<string, number>()
  const origin = await startOrigin(t, ({ method, url = '' }, response) => {
    const isPost = method === 'POST'
    // What a GET brings is as old as its question, however long it takes.
    const before = versions.get(url) ?? 0
    const answer = (): void => {
      const version = isPost ? (versions.get(url) ?? 0) + 1 : before
      if (isPost) versions.set(url, version)
      const fields = { 'Content-Type': 'image/png', 'Content-Length': `${version}`.length }
      response
        .writeHead(200, isPost ? fields : { ...fields, 'Cache-Control': 'max-age=60' })
        .end(`${version}`)
    }
    setTimeout(answer, Math.random() * (isPost ? 5 : 25))
  })
  const edge = startEdge(
    t,
    { workers: 3, run: { directory: runDirectoryOf(t) }, sites: [{ hosts: ['*'], origins: [origin.url] }] },
    realMain,
  )
  const port = Number(new URL(await edge.url()).port)
  const known = new Map<string, number>()
  const sums = { hits: 0, posts: 0, old: 0 }

  async function once(agent: Agent): Promise<void> {
    const target = targets[Math.floor(Math.random() * targets.length)]!
    const least = known.get(target) ?? 0
    if (Math.random() < 0.12) {
      const { version } = await ask(port, agent, 'POST', target)
      known.set(target, Math.max(known.get(target) ?? 0, version))
      sums.posts += 1
      return
    }
    const { version, isHit } = await ask(port, agent, 'GET', target)
    if (isHit) sums.hits += 1
    if (version < least) sums.old += 1
  }

  const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  t.teardown(() => {
    for (const agent of agents) agent.destroy()
  })
  await Promise.all(
    agents.map(async agent => {
      for (let number = 0; number < requestsEach; number += 1) await once(agent)
    }),
  )
  t.equal(sums.old, 0)
  t.ok(sums.posts > 100 && sums.hits > 500, JSON.stringify(sums))
})
