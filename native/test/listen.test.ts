import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { listenOn } from '../index.js'
import { needsAddon } from './support/addon.js'

function serve(t: Test, fd: number): Promise<Server> {
  const server = createServer(socket => socket.end())
  t.teardown(() => server.close())
  return new Promise(resolve => server.listen({ fd }, () => resolve(server)))
}

function reach(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host }, () => resolve())
    socket.on('error', reject)
    socket.on('close', () => socket.destroy())
    socket.resume()
  })
}

t.test('listenOn() shares its port with others that do, and with nobody else', needsAddon, async t => {
  const first = await serve(t, listenOn('127.0.0.1', 0))
  const { port } = first.address() as AddressInfo
  await serve(t, listenOn('127.0.0.1', port))
  await reach(port, '127.0.0.1')
  const alone = await new Promise<Server>(resolve => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
  t.teardown(() => alone.close())
  const taken = (alone.address() as AddressInfo).port
  t.throws(() => listenOn('127.0.0.1', taken), { code: 'EADDRINUSE', syscall: 'bind' })
})

t.test('listenOn() without an address listens on all of them', needsAddon, async t => {
  const { port } = (await serve(t, listenOn(undefined, 0))).address() as AddressInfo
  await reach(port, '127.0.0.1')
})
