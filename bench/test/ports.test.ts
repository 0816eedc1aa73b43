import { createServer } from 'node:net'
import t from 'tap'
import { freePort, tryPort } from '../ports.js'
import { listenOn } from './support/servers.js'

t.test('tryPort() gives the port, or undefined when it is taken', async t => {
  const taken = await listenOn(t, createServer())
  t.equal(await tryPort(taken), undefined)
  const free = await freePort()
  t.equal(await tryPort(free), free)
  t.ok(free >= 20_000 && free < 32_768, 'none that the system gives away')
})

t.test('tryPort() rejects for other reasons than a taken port', async t => {
  await t.rejects(tryPort(70_000), { code: 'ERR_SOCKET_BAD_PORT' })
})
