// The counting origin as a process of its own: listens on a free loopback port, says which, ends on SIGTERM.
import type { AddressInfo } from 'node:net'
import { serveCounted } from './origin.js'

const server = serveCounted()
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
  console.log(`origin ready ${(server.address() as AddressInfo).port}`)
})
process.once('SIGTERM', () => process.exit(0))
