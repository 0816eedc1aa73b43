// Apache Traffic Server as a caching proxy in its best reasonable form: one thread of events, its cache on disk with most
// of it in memory, kept connections to the origin, no log. It refuses to serve as root, so that its files are in a
// directory of its own, which belongs to the user that its package made.
import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { versionLine } from '../machine.js'
import { freePort } from '../ports.js'
import { Problem } from '../problem.js'
import { startListening } from '../ready.js'
import { findProgram, requireProgram, type Tool } from '../tools.js'
import { originsOf, type Peer, type PeerContext, type PeerKind, programPeer } from './peer.js'

const READY_TIMEOUT_MS = 60_000
const TRAFFIC_SERVER: Tool = { program: 'traffic_server', debianPackage: 'trafficserver' }
const USER = 'trafficserver'
const CACHE_BYTES = 2 ** 30
/** As its package lays them out. */
const MODULES = '/usr/lib/trafficserver/modules'

export const trafficServerKind: PeerKind = {
  name: 'trafficserver',
  tools: [TRAFFIC_SERVER],
  problem: () => undefined,
  version: () => versionLine([findProgram(TRAFFIC_SERVER.program) ?? TRAFFIC_SERVER.program, '--version']),
  create: createTrafficServer,
}

function createTrafficServer(context: PeerContext): Peer {
  const { processes, core } = context
  let directory: string | undefined
  const peer = programPeer(context, async () => {
    const port = await freePort()
    directory = await mkdtemp(join(tmpdir(), 'naij-bench-ats-'))
    const files = trafficServerFiles(port, directory, context)
    for (const name of ['etc', 'run', 'log', 'cache']) await mkdir(join(directory, name))
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
    await giveAway(directory, ['.', 'etc', 'run', 'log', 'cache', ...Object.keys(files)])
    const command = [requireProgram(TRAFFIC_SERVER), `--run-root=${join(directory, 'runroot.yaml')}`]
    const options = { core, port, timeoutMs: READY_TIMEOUT_MS }
    const running = await startListening(processes, context.name, command, options)
    const configuration = Object.entries(files).map(([name, text]) => `# ${name}\n${text}`)
    const url = `${context.secure ? 'https' : 'http'}://127.0.0.1:${port}`
    return { running, url, configuration: configuration.join('\n') }
  })
  return {
    ...peer,
    get url() {
      return peer.url
    },
    get configuration() {
      return peer.configuration
    },
    get directory() {
      return directory ?? peer.directory
    },
    async stop() {
      await peer.stop()
      if (directory !== undefined) await rm(directory, { recursive: true, force: true })
    },
  }
}

/** To the user that it becomes when root starts it. */
async function giveAway(directory: string, names: readonly string[]): Promise<void> {
  if (userInfo().uid !== 0) return
  const ids = ['-u', '-g'].map(flag => spawnSync('id', [flag, USER], { encoding: 'utf8' }))
  if (ids.some(({ status }) => status !== 0))
    throw new Problem(`there is no user ${USER}, whom its package makes`, 1)
  const [uid, gid] = ids.map(({ stdout }) => Number(stdout))
  await chmod(directory, 0o755)
  for (const name of names) await chown(join(directory, name), uid!, gid!)
}

/** By their name in its directory, the files for a run. */
export function trafficServerFiles(
  port: number,
  directory: string,
  context: Pick<
    PeerContext,
    'originUrl' | 'furtherOrigins' | 'host' | 'cacheBytes' | 'workers' | 'secure' | 'isHttp2'
  >,
): Record<string, string> {
  const { host, cacheBytes, workers = 1, secure, isHttp2 } = context
  const bytes = host?.cacheBytesMax ?? cacheBytes ?? CACHE_BYTES
  const [origin] = originsOf(context)
  const ports = secure
    ? `${port}:ssl:ip-in=127.0.0.1:proto=${isHttp2 ? 'http2;' : ''}http`
    : `${port}:ip-in=127.0.0.1`
  const settings: Record<string, string | number> = {
    'exec_thread.autoconfig': 0,
    'exec_thread.limit': host?.workers ?? workers,
    // Connections are accepted by the threads that serve them.
    accept_threads: 0,
    task_threads: 1,
    'http.server_ports': ports,
    // So that an answer says whether it is a hit.
    'http.insert_response_via_str': 2,
    'http.cache.required_headers': 0,
    'http.cache.ignore_client_cc_max_age': 1,
    'http.keep_alive_no_activity_timeout_in': 3_600,
    'http.keep_alive_no_activity_timeout_out': 3_600,
    'http.transaction_no_activity_timeout_in': 3_600,
    'http.transaction_no_activity_timeout_out': 3_600,
    'net.max_connections_in': 60_000,
    'net.connections_throttle': 60_000,
    'log.logging_enabled': 0,
    'url_remap.pristine_host_hdr': 1,
    'cache.ram_cache.size': bytes,
    'cache.ram_cache_cutoff': host?.objectBytesMax ?? 16 * 2 ** 20,
    'cache.min_average_object_size': 4_000,
    'admin.user_id': userInfo().uid === 0 ? USER : '#-1',
    // Whoever waits for an object that is on its way reads it as it comes.
    ...(host && { 'cache.enable_read_while_writer': 1, 'http.cache.open_read_retry_time': 10 }),
  }
  const line = ([name, value]: [string, string | number]) =>
    `CONFIG proxy.config.${name} ${typeof value === 'number' ? 'INT' : 'STRING'} ${value}`
  return {
    'runroot.yaml': runRoot(directory),
    'etc/records.config': `${Object.entries(settings).map(line).join('\n')}\n`,
    'etc/storage.config': `${join(directory, 'cache')} ${bytes}\n`,
    'etc/remap.config': `map / ${origin}\n`,
    'etc/plugin.config': `compress.so ${join(directory, 'etc/compress.config')}\n`,
    'etc/compress.config':
      'cache true\nremove-accept-encoding false\ncompressible-content-type text/*\nsupported-algorithms br,gzip\n',
    'etc/ip_allow.yaml':
      'ip_allow:\n  - apply: in\n    ip_addrs: 127.0.0.1\n    action: allow\n    methods: ALL\n',
    'etc/ssl_multicert.config': secure
      ? `dest_ip=* ssl_cert_name=${secure.certFile} ssl_key_name=${secure.keyFile}\n`
      : '',
  }
}

function runRoot(directory: string): string {
  const places = {
    prefix: '/usr',
    exec_prefix: '/usr',
    bindir: '/usr/bin',
    sbindir: '/usr/sbin',
    sysconfdir: join(directory, 'etc'),
    datadir: join(directory, 'cache'),
    includedir: '/usr/include',
    libdir: '/usr/lib/trafficserver',
    libexecdir: MODULES,
    localstatedir: directory,
    runtimedir: join(directory, 'run'),
    logdir: join(directory, 'log'),
    cachedir: join(directory, 'cache'),
  }
  return Object.entries(places)
    .map(([name, place]) => `${name}: ${place}\n`)
    .join('')
}
