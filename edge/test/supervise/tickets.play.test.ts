// A running edge whose clients come back with a session of TLS: whichever worker of the generation takes them knows it,
// also one that replaced another; the next generation has other keys. On the engine node: uws has keys of its own.
import { type ConnectionOptions, connect, type SecureVersion } from 'node:tls'
import t from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'
import { always } from '../support/play.js'
import { realMain, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

interface Shaken {
  isReused: boolean
  session: Buffer
  name: string
}

/** One handshake and one request, and the session that a later one may resume. */
function shake(port: number, options: ConnectionOptions): Promise<Shaken> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
    let session: Buffer | undefined
    let name = ''
    let isReused = false
    socket.on('session', given => {
      session = given
    })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      isReused = socket.isSessionReused()
      name = isReused ? '' : String(socket.getPeerCertificate().subject.CN)
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    })
    socket.resume().once('close', () => {
      // Of TLS 1.2 a resumed one gives no new one.
      const known = session ?? (options.session as Buffer | undefined)
      if (known === undefined) reject(new Error('no session was given'))
      else resolve({ isReused, session: known, name })
    })
  })
}

async function running(t: Parameters<typeof startEdge>[0]) {
  const origin = await startOrigin(
    t,
    always(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '2' }, 'ok'),
  )
  const tls = { certificates: keyPairs(t) }
  const listen = [{ address: '127.0.0.1', port: 0, engine: 'node', tls }]
  const sites = [{ name: 'play', hosts: ['*'], origins: [origin.url] }]
  const edge = startEdge(t, { listen, sites, workers: 2 }, realMain)
  const port = Number(/https:\/\/127\.0\.0\.1:(\d+)/.exec(await edge.ready())![1])
  return { edge, port }
}

/** How many of sixteen further handshakes resume it: the kernel spreads them over both workers. */
async function resumed(port: number, { session }: Shaken, options: ConnectionOptions): Promise<number> {
  const all = await Promise.all(Array.from({ length: 16 }, () => shake(port, { ...options, session })))
  return all.filter(({ isReused }) => isReused).length
}

const versions: SecureVersion[] = ['TLSv1.2', 'TLSv1.3']
// The name chooses the certificate.
const clients = versions.flatMap(maxVersion =>
  ['localhost', 'a.other.example'].map(servername => ({ maxVersion, servername })),
)

t.test('any worker of a generation resumes what one of it began', needsAddon, async t => {
  const { edge, port } = await running(t)
  const firsts: Shaken[] = []
  for (const client of clients) firsts.push(await shake(port, client))
  const resumedOfAll = async () => {
    const counts: number[] = []
    for (const [at, client] of clients.entries()) counts.push(await resumed(port, firsts[at]!, client))
    return counts
  }
  t.match(firsts, Array(4).fill({ isReused: false }))
  t.strictSame(
    firsts.map(({ name }) => name),
    ['localhost', 'other.example', 'localhost', 'other.example'],
  )
  t.strictSame(await resumedOfAll(), [16, 16, 16, 16])

  const { pid } = (await edge.status()).workers[0]!
  process.kill(pid!, 'SIGKILL')
  await until(async () => {
    const { state, pid: now } = (await edge.status()).workers[0]!
    return state === 'ready' && now !== pid ? true : undefined
  })
  t.strictSame(await resumedOfAll(), [16, 16, 16, 16], 'the worker that replaced another too')

  edge.child.kill('SIGUSR2')
  await until(async () => {
    const { generation, workers } = await edge.status()
    return generation === 2 && workers.length === 2 ? true : undefined
  })
  t.strictSame(await resumedOfAll(), [0, 0, 0, 0], 'the next generation has keys of its own')
  const again = await shake(port, clients[3]!)
  t.equal(await resumed(port, again, clients[3]!), 16)
})
