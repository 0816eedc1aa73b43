import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { claimFurtherPorts, claimPorts, printed } from '../../supervise/ports.js'

async function takePort(t: Test): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('claimPorts() chooses a port for each 0 and keeps the others', async t => {
  const [a, b] = await claimPorts([
    { address: '127.0.0.1', port: 0 },
    { address: '127.0.0.1', port: 0 },
  ])
  for (const { port } of [a!, b!]) t.ok(port >= 20_000 && port < 32_768, 'none that the system gives away')
  t.not(a!.port, b!.port)
  t.strictSame(await claimPorts([a!]), [a], 'free again, and as it was')
  const [all] = await claimPorts([{ port: 0 }])
  t.ok(all!.port > 0)
  t.notOk('address' in all!)
})

t.test('claimPorts() names the address, the port and the reason when it cannot have one', async t => {
  const port = await takePort(t)
  await t.rejects(claimPorts([{ address: '127.0.0.1', port }]), {
    code: 'cannot-listen',
    message: `cannot listen on 127.0.0.1:${port}: the port is taken by another program (EADDRINUSE)`,
  })
  await t.rejects(claimPorts([{ address: '203.0.113.1', port: 80 }]), {
    message: /203\.0\.113\.1:80: this machine does not have the address/,
  })
  await t.rejects(claimPorts([{ address: '203.0.113.1', port: 0 }]), {
    message: /203\.0\.113\.1:0: this machine does not have the address/,
  })
})

t.test('claimFurtherPorts() keeps what the running generation listens on', async t => {
  const port = await takePort(t)
  const taken = await takePort(t)
  const running = {
    declared: [{ address: '127.0.0.1', port: 0 }],
    claimed: [{ address: '127.0.0.1', port }],
  }
  const further = await claimFurtherPorts(
    [
      { address: '127.0.0.1', port: 0 },
      { address: '127.0.0.1', port: 0 },
      { address: '127.0.0.2', port },
    ],
    running,
  )
  t.equal(further[0]!.port, port, 'the chosen port stays')
  t.not(further[1]!.port, port, 'a further 0 gets its own')
  t.strictSame(further[2], { address: '127.0.0.2', port }, 'a port of ours is not asked for again')
  await t.rejects(claimFurtherPorts([{ address: '127.0.0.1', port: taken }], running), {
    code: 'cannot-listen',
  })
})

t.test('claimFurtherPorts() keeps ports, not what else was said of their listeners', async t => {
  const port = await takePort(t)
  const declared = [{ port: 0, chunkedUploads: 'close' }] as const
  const running = { declared, claimed: [{ port, chunkedUploads: 'close' }] as const }
  const further = await claimFurtherPorts([{ port: 0, chunkedUploads: 'refuse' }], running)
  t.strictSame(further, [{ port, chunkedUploads: 'refuse' }])
})

t.test('printed() writes addresses as URLs do', async t => {
  t.equal(printed({ port: 80 }), '0.0.0.0:80')
  t.equal(printed({ address: '127.0.0.1', port: 80 }), '127.0.0.1:80')
  t.equal(printed({ address: '::1', port: 80 }), '[::1]:80')
})
