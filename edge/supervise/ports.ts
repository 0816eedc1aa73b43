// Finds out, before any worker starts, whether the listeners can be had: workers share ports (SO_REUSEPORT), so
// they would not notice a stranger's. Chooses a number for every port 0, so that all workers listen on the same.
import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import type { ListenAddress } from '../../config/settings.js'
import { EdgeError } from '../error.js'

/** Below the range that Linux takes ports from for whoever asks for any (32768 and up), above most servers. */
const chosenMin = 20_000
const chosenEnd = 32_768
const attemptsMax = 20

/** `address:port` as people write it; all addresses are `0.0.0.0`. */
export function printed({ address = '0.0.0.0', port }: ListenAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/**
 * The same listeners with a concrete port each. Rejects with an EdgeError (`cannot-listen`) that names the address
 * when one cannot be had. A port that was free may be taken before the workers have it: they say so themselves.
 */
export async function claimPorts<Listener extends ListenAddress>(
  listen: readonly Listener[],
): Promise<Listener[]> {
  const held: Server[] = []
  try {
    const claimed: Listener[] = []
    for (const one of listen) claimed.push(await claim(one, held))
    return claimed
  } finally {
    await Promise.all(held.map(close))
  }
}

/** Chosen ports are held until all are chosen, so that two listeners do not get the same. */
async function claim<Listener extends ListenAddress>(listen: Listener, held: Server[]): Promise<Listener> {
  if (listen.port !== 0) {
    await close(await probe(listen))
    return listen
  }
  const server = await choose(listen)
  held.push(server)
  const address = server.address()
  return { ...listen, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

/**
 * A port that the system gives to nobody else who asks for any: workers take it by number only when they have started,
 * and until then a connection to somewhere could have got the system's own choice.
 */
async function choose(listen: ListenAddress): Promise<Server> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    // Taken, most likely; what else there is the last probe says, about the port as configured.
    const server = await probe({ ...listen, port: randomInt(chosenMin, chosenEnd) }).catch(() => undefined)
    if (server !== undefined) return server
  }
  return probe(listen)
}

function probe(listen: ListenAddress): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(listen, error)))
    server.listen({ port: listen.port, host: listen.address, exclusive: true }, () => resolve(server))
  })
}

function cannotListen(listen: ListenAddress, error: NodeJS.ErrnoException): EdgeError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'the port is taken by another program',
    EACCES: 'this user may not use the port',
    EADDRNOTAVAIL: 'this machine does not have the address',
  }
  const reason = reasons[error.code ?? ''] ?? error.message
  const message = `cannot listen on ${printed(listen)}: ${reason} (${error.code})`
  return new EdgeError('cannot-listen', message, { source: 'edge', status: 503, cause: error })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => server.close(() => resolve()))
}

export interface ClaimedPorts {
  /** As configured, a port 0 still 0. */
  declared: readonly ListenAddress[]
  /** The same list with concrete ports. */
  claimed: readonly ListenAddress[]
}

/** Like `claimPorts` for a new generation: what the running one listens on is ours and kept, chosen ports too. */
export async function claimFurtherPorts<Listener extends ListenAddress>(
  listen: readonly Listener[],
  running: ClaimedPorts,
): Promise<Listener[]> {
  const ours = new Set(running.claimed.map(one => one.port))
  const left = running.declared.map((one, index) => ({ ...one, claimed: running.claimed[index]!.port }))
  const kept = listen.map(one => {
    const at = left.findIndex(old => old.port === one.port && old.address === one.address)
    if (at === -1) return ours.has(one.port) ? one : undefined
    // Its port only: what else is said of a listener may be new.
    return { ...one, port: left.splice(at, 1)[0]!.claimed }
  })
  const fresh = await claimPorts(listen.filter((_, index) => kept[index] === undefined))
  return kept.map(one => one ?? fresh.shift()!)
}
