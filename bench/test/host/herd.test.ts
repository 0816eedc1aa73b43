import { createServer, type ServerResponse } from 'node:http'
import t from 'tap'
import { herd } from '../../host/herd.js'
import { plainBytes } from '../../origin/serve.js'
import { listenOn } from '../support/servers.js'

const body = plainBytes(300_000)

t.test('herd() waits until all have begun, then reads all', async t => {
  const waiting: ServerResponse[] = []
  const server = createServer((_, response) => {
    waiting.push(response)
    // Nobody is answered before all have asked.
    if (waiting.length === 40) for (const each of waiting) each.end(body)
  })
  const port = await listenOn(t, server)
  const found = await herd({ port, target: '/x', clients: 40, body })
  t.ok(found.firstMedianMs <= found.firstLastMs && found.firstLastMs <= found.wholeMs, JSON.stringify(found))
})

t.test('herd() is a Problem when one answer is wrong, or does not come', async t => {
  let count = 0
  const server = createServer((_, response) => {
    if (++count % 10 !== 0) response.end(body)
    else if (count === 10) response.end('no')
  })
  const port = await listenOn(t, server)
  await t.rejects(herd({ port, target: '/x', clients: 10, body }), {
    message: '/x: only 9 of 10 answers were right',
    exitCode: 1,
  })
  t.teardown(() => server.closeAllConnections())
  await t.rejects(herd({ port, target: '/y', clients: 10, body, limitMs: 50 }), {
    message: /^\/y: only \d of 10 answers were right$/,
  })
})
