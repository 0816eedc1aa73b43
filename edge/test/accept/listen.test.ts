import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import t, { type Test } from 'tap'
import { type Listening, type ListenOptions, listen } from '../../accept/listen.js'
import { headOf } from '../respond/contract-play.js'
import { connectRaw, get } from '../support/client.js'

const hasLoopback6 = Object.values(networkInterfaces())
  .flat()
  .some(known => known?.address === '::1')

async function listening(
  t: Test,
  options: Partial<ListenOptions> = {},
  address?: string,
  port = 0,
): Promise<Listening> {
  const where = address === undefined ? { port } : { port, address }
  const front = await listen(where, {
    headBytesMax: 16_384,
    messageBytesMax: 65_536,
    stalled: { used: 0, max: 1_000_000, broken: 0 },
    counters: {
      connections: 0,
      connectionsRefused: 0,
      addressesRefused: 0,
      connectionsShed: 0,
      proxyHeadersRefused: 0,
    },
    isShut: () => false,
    onRefused: () => {},
    isLogged: false,
    handle: x => x.responder.send(headOf(200), Buffer.from(x.clientAddress)),
    onCrash: (_, error) => t.fail(`the handler threw: ${error}`),
    ...options,
  })
  t.teardown(() => front.close())
  return front
}

t.test('listen() takes an address or all of them', async t => {
  for (const address of ['127.0.0.1', undefined]) {
    const { port } = await listening(t, {}, address)
    t.equal((await get(port, '/')).status, 200)
  }
})

t.test('listen() shares its port: each worker listens on it (SO_REUSEPORT)', async t => {
  const { port, server } = await takenPort()
  server.close()
  await once(server, 'close')
  for (const worker of ['first', 'second'])
    t.equal((await listening(t, {}, '127.0.0.1', port)).port, port, worker)
})

t.test('listen() says which address cannot be had', async t => {
  const { port, server } = await takenPort()
  t.teardown(() => server.close())
  const error = { code: 'listen', message: `cannot listen on 127.0.0.1 port ${port}`, source: 'edge' }
  await t.rejects(listening(t, {}, '127.0.0.1', port), error)
  await t.rejects(listening(t, {}, undefined, port), { message: `cannot listen on port ${port}` })
  await t.rejects(listening(t, {}, 'a name'), { code: 'listen' })
})

/** A port that another program has. */
async function takenPort(): Promise<{ port: number; server: Server }> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, server }
}

const addresses: [from: string, address: string | undefined, isUsable: boolean, expected: string][] = [
  ['127.0.0.1', '127.0.0.1', true, '127.0.0.1'],
  ['127.0.0.1', undefined, true, '127.0.0.1'],
  ['::1', undefined, hasLoopback6, '::1'],
]
for (const [from, address, isUsable, expected] of addresses) {
  const options = isUsable ? {} : { skip: 'there is no IPv6 here' }
  t.test(
    `accept() notes the address of a client from ${from} at ${address ?? 'all addresses'}`,
    options,
    async t => {
      const { port } = await listening(t, { isLogged: true }, address)
      const socket = connect({ port, host: from })
      t.teardown(() => socket.destroy())
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      let received = ''
      for await (const chunk of socket) {
        received += chunk
        if (received.includes('\r\n\r\n')) break
      }
      t.equal(received.split('\r\n\r\n')[1], expected)
    },
  )
}

t.test('accept() answers for a handler that throws, before and after it began to answer', async t => {
  const crashes: [path: string | undefined, error: unknown][] = []
  const { port } = await listening(t, {
    handle: x => {
      if (x.target === '/late') x.responder.send(headOf(200), Buffer.from('ok'))
      throw new Error('broken')
    },
    onCrash: (x, error) => {
      crashes.push([x?.target, error])
      x?.responder.send(headOf(500), Buffer.alloc(0))
    },
  })
  t.equal((await get(port, '/early')).status, 500)
  t.equal((await get(port, '/late')).status, 200)
  t.match(crashes, [
    ['/early', { message: 'broken' }],
    ['/late', {}],
  ])
})

t.test('stop() takes no new connection and keeps the open ones, close() cuts them', async t => {
  const front = await listening(t)
  const client = await connectRaw(front.port)
  front.stop()
  front.stop()
  await t.rejects(get(front.port, '/'), { code: 'ECONNREFUSED' })
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/200 OK/)
  front.close()
  await client.closed()
})
