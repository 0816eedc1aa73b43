import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { mixtureLoad } from '../load-mixture.js'
import { Processes } from '../processes.js'
import { withoutCoverage } from './support/run.js'
import { listenOn } from './support/servers.js'

t.test('mixtureLoad() asks in a process of its own, and says what keeps it from that', async t => {
  withoutCoverage(t)
  const server = createServer((request, response) => response.end(request.url))
  const url = `http://127.0.0.1:${await listenOn(t, server)}`
  const file = join(t.testdir(), 'lines')
  writeFileSync(file, '/a\n/b\n')
  const load = mixtureLoad(new Processes(), undefined)
  const options = { url, connections: 2, seconds: 0.2, mixture: { file, run: 0 } }
  const result = await load(options)
  t.ok(result.requests > 10)
  t.match(result, { socketErrors: 0, badAnswers: 0 })
  await t.rejects(load({ ...options, url: 'http://127.0.0.1:1' }), {
    message: /the load ended with code 1:[\s\S]*ECONNREFUSED/,
  })
  await t.rejects(load({ url, connections: 1, seconds: 1 }), { message: 'there is no mixture' })
})
