import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Scale } from '../../host/measurement.js'
import { describe, errorsOf, faultsOf, originFlap } from '../../host/origin-flap.js'
import { originsOf, type PeerKind } from '../../peers/peer.js'
import { Processes } from '../../processes.js'

t.test('what is said of a sample, and when it says nothing', async t => {
  const good = { peer: 'edge', phases: [{ mode: 'good' as const, requests: 10, errors: 0 }] }
  const bad = { mode: 'resetting' as const, requests: 7, errors: 2 }
  const both = {
    peer: 'nginx',
    phases: [...good.phases, bad, { ...bad, mode: 'refusing' as const, requests: 0, errors: 0 }],
  }
  t.equal(errorsOf(good), 0)
  t.equal(errorsOf(both), 2)
  t.equal(describe(good), 'edge: 0 errors in 10 requests')
  t.equal(describe(both), 'nginx: 2 errors in 17 requests (2 of 7 while resetting)')
  t.strictSame(faultsOf(good), [])
  t.strictSame(faultsOf(both), ['nginx: no request while refusing'])
})

/** A proxy that asks one origin after the other and never twice. */
function simpleProxy(name: string): PeerKind {
  return {
    name,
    tools: [],
    problem: () => undefined,
    version: () => name,
    create(context) {
      const origins = originsOf(context)
      let turn = 0
      const server = createServer((_, response) => {
        turn += 1
        const asked = get(`${origins[turn % origins.length]}/`, { agent: false }, answer => {
          response.writeHead(answer.statusCode ?? 502)
          answer.pipe(response)
        })
        asked.on('error', () => response.writeHead(502).end())
      })
      return {
        name,
        configuration: '',
        directory: '',
        get url() {
          return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        },
        start: () => new Promise(resolve => server.listen(0, '127.0.0.1', resolve)),
        pids: () => [],
        async stop() {
          server.close()
          server.closeAllConnections()
        },
      }
    },
  }
}

t.test('run() lets one of three origins fail in three ways, and counts what clients see', async t => {
  const scale = { seconds: 0.2 } as Scale
  const context = { processes: new Processes(), kinds: [simpleProxy('edge')], directory: t.testdir(), scale }
  const { lines, isKept, faults, samples } = await originFlap.run(context)
  t.equal(isKept, false)
  t.strictSame(faults, [])
  t.match(lines, [
    /^edge: \d+ errors in \d+ requests \(\d+ of \d+ while refusing, .* failing, .* resetting\)$/,
  ])
  const [{ phases }] = samples as [{ phases: { mode: string; errors: number }[] }]
  for (const { mode, errors } of phases) t.equal(errors > 0, mode !== 'good', mode)
})
