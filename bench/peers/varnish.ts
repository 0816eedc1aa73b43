// Varnish as a caching proxy in its best reasonable form: everything in memory, one pool of threads with all of them
// started, kept connections to the origin, nothing of a request in its log. It speaks no TLS.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { versionLine } from '../machine.js'
import { freePort } from '../ports.js'
import { startListening } from '../ready.js'
import { findProgram, requireProgram, type Tool } from '../tools.js'
import { originsOf, type Peer, type PeerContext, type PeerKind, programPeer } from './peer.js'

const READY_TIMEOUT_MS = 60_000
const VARNISH: Tool = { program: 'varnishd', debianPackage: 'varnish' }
const CACHE_BYTES = 2 ** 30
/** One for each connection under way and some for fetches; started at once, so that none is while it is measured. */
const THREADS = 256

/** What a request or a fetch would write into the log in memory, which cannot be turned off as a whole. */
const SILENT = `Begin End Link ReqStart ReqMethod ReqURL ReqProtocol ReqHeader ReqUnset ReqAcct RespProtocol RespStatus
RespReason RespHeader RespUnset Timestamp VCL_call VCL_return Hit HitMiss HitPass SessOpen SessClose BereqHeader
BereqMethod BereqURL BereqProtocol BereqUnset BereqAcct BerespHeader BerespProtocol BerespStatus BerespReason BerespUnset
BackendOpen BackendReuse BackendClose TTL Length Storage Fetch_Body Gzip`

export const varnishKind: PeerKind = {
  name: 'varnish',
  tools: [VARNISH],
  problem: () => undefined,
  cannot: ({ isSecure }) => (isSecure ? 'varnish speaks no TLS' : undefined),
  version: () => versionLine([findProgram(VARNISH.program) ?? VARNISH.program, '-V']),
  create: createVarnish,
}

function createVarnish(context: PeerContext): Peer {
  const { processes, core, directory } = context
  return programPeer(context, async () => {
    const port = await freePort()
    const program = varnishProgram(context)
    const file = join(directory, 'varnish.vcl')
    await mkdir(directory, { recursive: true })
    await writeFile(file, program)
    const command = [requireProgram(VARNISH), ...varnishArguments(port, file, directory, context)]
    const running = await startListening(processes, context.name, command, {
      core,
      port,
      timeoutMs: READY_TIMEOUT_MS,
    })
    const configuration = `${command.join(' ')}\n\n${program}`
    return { running, url: `http://127.0.0.1:${port}`, configuration }
  })
}

/** The command line for a run. */
export function varnishArguments(
  port: number,
  file: string,
  directory: string,
  { host, cacheBytes }: Pick<PeerContext, 'host' | 'cacheBytes'>,
): string[] {
  const mask = SILENT.split(/\s+/).map(tag => `-${tag}`)
  const parameters = {
    thread_pools: 1,
    thread_pool_min: THREADS,
    vsl_mask: mask.join(','),
    timeout_idle: 3_600,
    workspace_backend: '64k',
  }
  return [
    ...['-F', '-j', 'none', '-T', 'none', '-n', join(directory, 'work'), '-f', file],
    ...['-a', `127.0.0.1:${port}`, '-s', `malloc,${host?.cacheBytesMax ?? cacheBytes ?? CACHE_BYTES}`],
    ...Object.entries(parameters).flatMap(([name, value]) => ['-p', `${name}=${value}`]),
  ]
}

/** The VCL for a run. Without a director where one origin is all there is: it costs a little. */
export function varnishProgram(context: Pick<PeerContext, 'originUrl' | 'furtherOrigins'>): string {
  const backends = originsOf(context).map((url, at) => {
    const { hostname, port } = new URL(url)
    return `backend origin${at} { .host = "${hostname}"; .port = "${port}"; }`
  })
  const names = backends.map((_, at) => `origin${at}`)
  const director = `import directors;
sub vcl_init {
  new all = directors.round_robin();
  ${names.map(name => `all.add_backend(${name});`).join('\n  ')}
}
sub vcl_backend_fetch { set bereq.backend = all.backend(); }
`
  return `vcl 4.1;
${backends.join('\n')}
${backends.length > 1 ? director : ''}sub vcl_backend_response {
  if (beresp.http.Content-Type ~ "^text/") { set beresp.do_gzip = true; }
  if (beresp.http.Cache-Control ~ "no-store") { set beresp.uncacheable = true; }
  if (beresp.http.Cache-Control ~ "stale-if-error") { set beresp.grace = 10m; }
}
sub vcl_deliver { if (obj.hits > 0) { set resp.http.X-Cache = "HIT"; } }
`
}
