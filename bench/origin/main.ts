// The origin as a process of its own: listens on a free loopback port, says which, ends on SIGTERM.
import { serveOrigin } from './serve.js'

const server = serveOrigin()
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) console.log(`origin ready ${address.port}`)
})
process.once('SIGTERM', () => process.exit(0))
