// naijctl doctor as somebody types it, beside an edge that is well, one that is not, and none.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { Finding } from '../../../cli/doctor/finding.js'
import { authority, intermediate, oldCertificate, oldKey, shop, shopKey } from '../../support/certificates.js'

const cli = fileURLToPath(new URL('../../../cli.js', import.meta.url))
const edgeMain = fileURLToPath(new URL('../../../../edge/main.js', import.meta.url))
// What these processes cover is not counted: writing it takes each of them a while.
const env = { ...process.env, NODE_V8_COVERAGE: '' }
/** What this machine may be, which a play cannot choose: a layer of a container, one without a compiler. */
const ofThisMachine = ['disk.file-system', 'edge.keeper']

const sysctls = {
  'net/core/somaxconn': '4096',
  'net/ipv4/tcp_max_syn_backlog': '4096',
  'net/ipv4/tcp_migrate_req': '1',
  'net/ipv4/ip_local_port_range': '10240\t65535',
  'net/ipv4/tcp_tw_reuse': '1',
  'net/ipv4/tcp_congestion_control': 'bbr',
  'vm/max_map_count': '262144',
  'vm/overcommit_memory': '0',
  'fs/file-max': '9000000',
}

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
}

/** A directory with a configuration, keys, and a root of a well-set host. */
function furnish(t: Test) {
  // Paths of sockets are short.
  const directory = mkdtempSync(join(tmpdir(), 'naij-doctor-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const root = `${directory}/root`
  for (const [name, value] of Object.entries(sysctls)) write(`${root}/proc/sys/${name}`, `${value}\n`)
  write(`${root}/proc/meminfo`, `MemTotal: ${16 * 2 ** 20} kB\n`)
  write(`${root}/sys/kernel/mm/transparent_hugepage/enabled`, 'always [madvise] never\n')
  write(`${root}/run/systemd/timesync/synchronized`, '')
  write(`${directory}/shop.crt`, [shop, intermediate, authority].join('\n'))
  write(`${directory}/shop.key`, shopKey)
  write(`${directory}/old.crt`, oldCertificate)
  write(`${directory}/old.key`, oldKey)
  return directory
}

async function originOf(t: Test): Promise<string> {
  const server = createServer(socket => socket.on('error', () => socket.destroy()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

function configOf(directory: string, origin: string, other: Record<string, unknown> = {}): string {
  const certificates = [
    { names: ['shop.test'], certFile: `${directory}/shop.crt`, keyFile: `${directory}/shop.key` },
  ]
  const listen = { address: '127.0.0.1', port: 0, connectionsMax: 100 }
  const settings = {
    listen: [listen, { ...listen, tls: { certificates } }],
    workers: 1,
    workerReadyMs: '60s',
    cache: { directory: `${directory}/cache`, bytesMax: '16MiB' },
    limits: { residentBytesMax: '1GiB' },
    sites: [{ name: 'shop', hosts: ['*'], origins: [origin], originConnectionsMax: 16 }],
    ...other,
  }
  const file = `${directory}/edge.json`
  writeFileSync(file, JSON.stringify(settings))
  return file
}

async function startEdge(t: Test, file: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [edgeMain, '--config', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith('naij-edge ready')) break
  }
  child.stdout!.resume()
  return child
}

interface Ran {
  code: number
  out: string
  err: string
}

function doctor(directory: string, ...words: string[]): Promise<Ran> {
  const all = ['doctor', '--config', `${directory}/edge.json`, '--root', `${directory}/root`, ...words]
  return new Promise(resolve => {
    execFile(process.execPath, [cli, ...all], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

function levelsOf({ out }: Ran): Record<string, string> {
  return Object.fromEntries((JSON.parse(out) as Finding[]).map(({ check, level }) => [check, level]))
}

t.test('an edge that is well has nothing to change', async t => {
  const directory = furnish(t)
  const file = configOf(directory, await originOf(t))
  const edge = await startEdge(t, file)
  symlinkSync(`/proc/${edge.pid}`, `${directory}/root/proc/${edge.pid}`)
  const ran = await doctor(directory, '--no-disk-test', '--json')
  const troubles = (JSON.parse(ran.out) as Finding[]).filter(
    ({ level }) => level === 'warn' || level === 'bad',
  )
  t.strictSame(
    troubles.filter(({ check }) => !ofThisMachine.includes(check)),
    [],
  )
  t.equal(ran.code, troubles.length === 0 ? 0 : 1, ran.err)
  t.match(levelsOf(ran), {
    'config.file': 'ok',
    'edge.ready': 'ok',
    'edge.workers': 'ok',
    'edge.version': 'ok',
    'edge.config': 'ok',
    'kernel.net.core.somaxconn': 'ok',
    'disk.space': 'ok',
    'directories.cache.directory': 'ok',
    'clock.synchronised': 'ok',
    'certificates.listen[1].tls.certificates[0].time': 'ok',
    'certificates.listen[1].tls.certificates[0].chain': 'ok',
  })

  configOf(directory, await originOf(t))
  const drifted = await doctor(directory, '--no-disk-test')
  t.equal(drifted.code, 1)
  t.match(drifted.out, /\n {2}warn +config +runs otherwise than the file says: without origin .* kill -HUP/)
  t.match(drifted.out, /\n\d+ ok, \d+ note, \d+ warn, \d+ bad\n$/)
})

t.test('what is wrong is said, with what to change', async t => {
  const directory = furnish(t)
  writeFileSync(`${directory}/root/proc/sys/net/core/somaxconn`, '128\n')
  const tls = { certificates: [{ certFile: `${directory}/old.crt`, keyFile: `${directory}/old.key` }] }
  configOf(directory, 'http://127.0.0.1:1', {
    listen: [{ address: '127.0.0.1', port: 0, tls }],
    cache: { directory: `${directory}/cache`, bytesMax: '64TiB' },
  })
  const ran = await doctor(directory)
  t.equal(ran.code, 1, ran.err)
  t.match(ran.out, /\n {2}warn +ready +does not answer on .*edge\.sock: connect ENOENT/)
  t.match(ran.out, /\n {2}warn +net\.core\.somaxconn +128, .* \| sysctl -w net\.core\.somaxconn=4096/)
  t.match(ran.out, /\n {2}bad +space +cache\.bytesMax 64\.0 TiB .* \| "cache": \{ "bytesMax": "\d+MiB" \}/)
  t.match(ran.out, /\n {2}\w+ +write +[\d.]+ \w+\/s over [\d.]+ MiB with fsync/)
  t.match(
    ran.out,
    /\n {2}bad +listen\[0\]\.tls\.certificates\[0\]\.time +.*expired at 2021-01-01.* \| renew /,
  )
  t.match(ran.out, /\n {2}bad +http:\/\/127\.0\.0\.1:1 +of shop, at 127\.0\.0\.1: no connection: .*REFUSED/)
})
