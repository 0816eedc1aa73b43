// HAProxy as a caching proxy in its best reasonable form: one thread, its RAM cache, kept connections to the origin, no
// log. It knows no disk cache, and stores nothing larger than a part of its memory.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { versionLine } from '../machine.js'
import { freePort } from '../ports.js'
import { startListening } from '../ready.js'
import { findProgram, requireProgram, type Tool } from '../tools.js'
import { originsOf, type Peer, type PeerContext, type PeerKind, programPeer } from './peer.js'

const READY_TIMEOUT_MS = 60_000
const HAPROXY: Tool = { program: 'haproxy', debianPackage: 'haproxy' }
/** The most that its cache takes, in megabytes, and the largest object in it, in bytes: half of that at most. */
const CACHE_MEGABYTES_MAX = 4_095
const CACHE_MEGABYTES = 512
const OBJECT_BYTES = 4 * 1_048_576

export const haproxyKind: PeerKind = {
  name: 'haproxy',
  tools: [HAPROXY],
  problem: () => undefined,
  version: () => versionLine([findProgram(HAPROXY.program) ?? HAPROXY.program, '-v']),
  create: createHaproxy,
}

function createHaproxy(context: PeerContext): Peer {
  const { processes, core, directory } = context
  return programPeer(context, async () => {
    const port = await freePort()
    const configuration = haproxyConfiguration(port, context)
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'haproxy.cfg'), configuration)
    // -db: in the foreground, one process.
    const command = [requireProgram(HAPROXY), '-db', '-q', '-f', 'haproxy.cfg']
    const options = { core, directory, port, timeoutMs: READY_TIMEOUT_MS }
    const running = await startListening(processes, context.name, command, options)
    return { running, url: `${context.secure ? 'https' : 'http'}://127.0.0.1:${port}`, configuration }
  })
}

/** haproxy.cfg for a run. */
export function haproxyConfiguration(
  port: number,
  context: Pick<
    PeerContext,
    'originUrl' | 'furtherOrigins' | 'host' | 'cacheBytes' | 'workers' | 'secure' | 'isHttp2'
  >,
): string {
  const { host, cacheBytes, workers = 1, secure, isHttp2 } = context
  const megabytes = Math.ceil((host?.cacheBytesMax ?? cacheBytes ?? CACHE_MEGABYTES * 2 ** 20) / 2 ** 20)
  const objectBytes = Math.min(host?.objectBytesMax ?? OBJECT_BYTES, megabytes * 2 ** 19)
  const servers = originsOf(context).map(
    (url, at) => `server origin${at} ${url.replace('http://', '')} pool-purge-delay 1h`,
  )
  return `global
  nbthread ${host?.workers ?? workers}
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
  option forwardfor
  option redispatch
  retries 2
  retry-on conn-failure empty-response response-timeout 502 503 504
  http-reuse always
  option splice-response
cache bench
  total-max-size ${Math.min(megabytes, CACHE_MEGABYTES_MAX)}
  max-object-size ${objectBytes}
  max-age 86400
frontend edge
  bind 127.0.0.1:${port}${secure ? ` ssl crt ${secure.bothFile} ssl-min-ver TLSv1.2 alpn ${isHttp2 ? 'h2,' : ''}http/1.1` : ''}
  http-request set-header X-Forwarded-Proto ${secure ? 'https' : 'http'}
  http-request cache-use bench
  http-response cache-store bench
  filter cache bench
  filter compression
  compression algo gzip
  compression type text/html
  http-after-response set-header X-Cache HIT if { res.cache_hit }
  default_backend origin
backend origin
  balance roundrobin
  ${servers.join('\n  ')}
`
}
