// A worker process for plays of the supervisor: serves with node:http, says which sites it uses, and misbehaves as
// the name of the first site or the path of a request asks. The messages and the process around it are the real ones.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { EdgeConfig, SiteConfig } from '../../../config/settings.js'
import { EdgeError } from '../../error.js'
import type { Serving } from '../../serving.js'
import { noCounters } from '../../supervise/counters.js'
import { runWorker } from '../../supervise/work.js'

runWorker(async (config: EdgeConfig): Promise<Serving> => {
  if (config.sites[0]!.name === 'cannot-start') {
    throw new EdgeError('store-failed', 'the store is not to be had', { source: 'edge', status: 503 })
  }
  let sites: readonly SiteConfig[] = config.sites
  const counters = noCounters()
  const server = createServer((request, response) => {
    counters.requests++
    counters.statusClasses[2]++
    if (request.url === '/crash') setImmediate(() => Promise.reject(new Error('asked to crash')))
    if (request.url === '/never') return void response.write('begun')
    if (request.url === '/slow') return void setTimeout(() => response.end('slow but whole'), 500)
    response.end(JSON.stringify({ pid: process.pid, sites: sites.map(site => site.name) }))
  })
  const { address, port } = config.listen[0]!
  // Without SO_REUSEPORT only one worker has the port; the others serve nobody.
  await new Promise<void>(resolve => server.on('error', () => resolve()).listen(port, address, resolve))
  return {
    ports: [port],
    prepareSites(next) {
      if (next[0]!.name === 'refused') throw new Error('cannot build the site refused')
      return () => {
        sites = next
      }
    },
    counters: () => counters,
    originCounts: () => [],
    savedCounts: () => [],
    setOrigins: () => {},
    setTails: () => {},
    explain: ({ url, target }) => {
      if (target === '/crash') process.kill(process.pid, 'SIGKILL')
      return { ok: false, fault: { code: 'play', message: `asked about ${url}`, expected: '' } }
    },
    async drain() {
      if (!server.listening) return
      server.close()
      server.closeIdleConnections()
      await once(server, 'close')
    },
  }
})
