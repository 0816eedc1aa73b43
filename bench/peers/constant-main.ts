// The program of constant.ts: asks the origin given as its argument for each target of `hit` once, then answers them. Ends
// on SIGTERM.
import { createRequire } from 'node:module'
import { ask } from '../request.js'
import { hit } from '../scenarios/hit.js'

// Its typed import would look for its program where the package's own name says, see edge/accept/engine.ts.
const { App, us_socket_local_port } = createRequire(import.meta.url)(
  'uWebSockets.js',
) as typeof import('uWebSockets.js')

const app = App()
for (const { target } of hit.cases) {
  const { body } = await ask(`${process.argv[2]}${target}`)
  app.get(target, response => {
    response.cork(() => response.writeHeader('X-Cache', 'HIT').end(body))
  })
}
app.listen('127.0.0.1', 0, socket => {
  if (socket === false) throw new Error('no port')
  console.log(`constant ready ${us_socket_local_port(socket)}`)
})
process.once('SIGTERM', () => process.exit(0))
