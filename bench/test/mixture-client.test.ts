import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { runMixture } from '../mixture-client.js'
import { listenOn } from './support/servers.js'

async function serve(t: Test, answer: (url: string) => number): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}`.trim())
    const status = answer(request.url!)
    if (status === 0) request.socket.destroy()
    else response.writeHead(status, { 'Content-Length': 2 }).end('ok')
  })
  const port = await listenOn(t, server)
  t.teardown(() => server.closeAllConnections())
  return { port, asked }
}

const lines = ['/a', '/b\tRange: bytes=0-1', '/c@']

t.test(
  'runMixture() asks for all in their order, again and again, and for what is new by new names',
  async t => {
    const { port, asked } = await serve(t, () => 200)
    const result = await runMixture({ port, lines, run: 1, connections: 1, seconds: 0.2 })
    t.match(result, { requests: asked.length, socketErrors: 0, badAnswers: 0 })
    t.ok(result.latency!.p50 > 0 && result.latency!.p999 >= result.latency!.p99)
    // 7,919 of three lines on.
    const start = 7_919 % 3
    t.equal(start, 2)
    t.strictSame(asked.slice(0, 5), ['/c1-1', '/a', '/b bytes=0-1', '/c1-2', '/a'])
  },
)

t.test('runMixture() counts bad answers, and connections that are lost', async t => {
  const { port } = await serve(t, url => (url === '/a' ? 503 : 0))
  const result = await runMixture({ port, lines: ['/a', '/b'], run: 0, connections: 2, seconds: 0.2 })
  t.match(result, { requests: 2, badAnswers: 2, socketErrors: 2 })
})
