// Whether each origin of the configuration answers a connection, and with a certificate that holds. Asked from this host,
// by the addresses that its resolver gives; no request is sent.
import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { EdgeConfig } from '../../../config/settings.js'
import { about, type Finding } from './finding.js'

export interface OriginAsked {
  readonly site: string
  readonly url: string
  readonly isBackup: boolean
  readonly connectMs: number
  /** In place of the URL's host. */
  readonly tlsName?: string | undefined
  readonly caFile?: string | undefined
}

export interface OriginRead {
  readonly asked: OriginAsked
  readonly addresses: readonly string[]
  readonly tookMs: number
  /** undefined: it answered. */
  readonly fault: { readonly step: 'resolve' | 'connect' | 'tls'; readonly message: string } | undefined
}

/** Of 10,000 sites these say enough, in a minute at the worst. */
export const originsMax = 256
const atOnce = 16

/** Each once, however many sites have it. */
export function originsOf(sites: EdgeConfig['sites']): OriginAsked[] {
  const found = new Map<string, OriginAsked>()
  for (const { name, origins, originTls, timeouts } of sites) {
    for (const { url, backup } of origins) {
      const key = JSON.stringify([url, originTls.name, originTls.caFile])
      if (found.has(key)) continue
      const tls = { tlsName: originTls.name, caFile: originTls.caFile }
      found.set(key, { site: name, url, isBackup: backup, connectMs: timeouts.connectMs, ...tls })
    }
  }
  return [...found.values()]
}

/** In their order; never rejects. */
export async function askOrigins(all: readonly OriginAsked[]): Promise<OriginRead[]> {
  const asked = all.slice(0, originsMax)
  const reads: OriginRead[] = []
  const next = asked.entries()
  const work = async () => {
    for (const [at, one] of next) reads[at] = await askOrigin(one)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return reads
}

async function askOrigin(asked: OriginAsked): Promise<OriginRead> {
  const { hostname, port, protocol } = new URL(asked.url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const beginMs = performance.now()
  const result = (addresses: readonly string[], fault?: OriginRead['fault']): OriginRead => {
    return { asked, addresses, tookMs: Math.round(performance.now() - beginMs), fault }
  }
  let addresses: string[]
  try {
    addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (error) {
    return result([], { step: 'resolve', message: (error as Error).message })
  }
  const isTls = protocol === 'https:'
  const target = { host, port: Number(port) || (isTls ? 443 : 80) }
  return result(addresses, await (isTls ? handshake(asked, target) : reach(asked, target)))
}

interface Target {
  host: string
  port: number
}

function reach({ connectMs }: OriginAsked, target: Target): Promise<OriginRead['fault']> {
  return settled(connect(target), 'connect', connectMs)
}

/** A certificate that cannot be verified is never accepted: so does the edge. */
async function handshake(asked: OriginAsked, target: Target): Promise<OriginRead['fault']> {
  let ca: Buffer | undefined
  try {
    ca = asked.caFile === undefined ? undefined : readFileSync(asked.caFile)
  } catch (error) {
    return { step: 'tls', message: `originTls.caFile: ${(error as Error).message}` }
  }
  const name = asked.tlsName ?? target.host
  const names = isIP(name) ? {} : { servername: name }
  const socket = connectTls({ ...target, ...names, ...(ca && { ca }) })
  return settled(socket, 'secureConnect', asked.connectMs)
}

function settled(
  socket: ReturnType<typeof connect>,
  event: 'connect' | 'secureConnect',
  connectMs: number,
): Promise<OriginRead['fault']> {
  return new Promise(resolve => {
    let step: 'connect' | 'tls' = 'connect'
    const end = (fault: OriginRead['fault']) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(fault)
    }
    const timer = setTimeout(() => end({ step, message: `nothing within ${connectMs} ms` }), connectMs)
    socket.once('connect', () => {
      step = 'tls'
    })
    socket.once(event, () => end(undefined))
    // A refusal by several addresses is one of several errors.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end({ step, message: error.message || error.code || 'no connection' }),
    )
  })
}

const steps = {
  resolve: 'its name is not resolved',
  connect: 'no connection',
  tls: 'the TLS handshake fails',
}

const changes = {
  resolve: 'the URL of the origin, or the resolver: getent hosts NAME',
  connect:
    'start the origin, or open the way to it (firewall, security group); timeouts.connectMs if it is far',
  tls: 'the certificate of the origin, or originTls.caFile and originTls.name of the site',
}

export function judgeOrigin({ asked, addresses, tookMs, fault }: OriginRead): Finding {
  const { url, site, isBackup, connectMs } = asked
  const say = about(`origins.${url}`, 'what is not in the cache cannot be answered without it')
  const where = `of ${site}${isBackup ? ', a backup' : ''}, at ${addresses.join(' ') || 'no address'}`
  if (fault === undefined) {
    const found = `${where}, in ${tookMs} ms`
    const isSlow = tookMs * 2 > connectMs
    const change = `timeouts.connectMs larger than ${connectMs} ms, or a nearer origin`
    return isSlow ? say.warn(`${found}: over half of timeouts.connectMs`, change) : say.ok(found)
  }
  const found = `${where}: ${steps[fault.step]}: ${fault.message}`
  return isBackup ? say.warn(found, changes[fault.step]) : say.bad(found, changes[fault.step])
}

/** How many were not asked. */
export function judgeOriginsLeft(count: number): Finding[] {
  if (count <= originsMax) return []
  const say = about('origins.left', 'what is not asked may be down')
  return [say.note(`${count - originsMax} of ${count} were not asked`)]
}
