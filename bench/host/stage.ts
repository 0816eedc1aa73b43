// What the measurements through sockets stand on: the counting origin and, in front of it, each server with two workers
// and an empty cache.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Peer } from '../peers/peer.js'
import { Problem } from '../problem.js'
import type { Processes, Running } from '../processes.js'
import { startReady } from '../ready.js'
import { ask, saysHit } from '../request.js'
import { siblingCommand } from '../sibling.js'
import type { Context } from './measurement.js'
import { memoryBytes } from './memory.js'
import type { Asked } from './origin.js'

const READY_TIMEOUT_MS = 60_000
const WORKERS = 2
/** More than the largest object by far, so that nothing has to leave the cache. */
const CACHE_BYTES_MAX = 2 * 1024 ** 3
const OBJECT_BYTES_MIN = 64 * 1024 ** 2
/** A store may finish behind the answer. */
const HIT_TIMEOUT_MS = 30_000
const HIT_INTERVAL_MS = 50

export interface StagePeer {
  readonly name: string
  readonly port: number
  /** What all its processes hold and share, without what the page cache holds for them. */
  memoryBytes(): number
  /** Resolves when the target is answered from its cache; throws a Problem when that does not come. */
  untilHit(target: string): Promise<void>
}

export interface Stage {
  /** The edge first. */
  readonly peers: readonly StagePeer[]
  /** What the origin has been asked for this target, by all peers. */
  asked(target: string): Promise<Asked>
}

/** Stops everything, whatever happens. A setting that a server refuses is a Problem with the server's own words. */
export async function onStage<T>(
  name: string,
  context: Context,
  measure: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { processes } = context
  const origin = context.originUrl === undefined ? await startCounted(processes) : undefined
  const originUrl = context.originUrl ?? origin!.url
  const peers: Peer[] = []
  try {
    const stagePeers: StagePeer[] = []
    for (const [i, kind] of context.kinds.entries()) {
      const directory = join(context.directory, `${name}-${i}`)
      await mkdir(directory, { recursive: true })
      const host = {
        workers: WORKERS,
        objectBytesMax: Math.max(OBJECT_BYTES_MIN, context.scale.objectBytes),
        cacheBytesMax: CACHE_BYTES_MAX,
      }
      const peer = kind.create({ name: kind.name, directory, originUrl, processes, core: undefined, host })
      peers.push(peer)
      await peer.start()
      stagePeers.push(stagePeer(peer, directory))
    }
    return await measure({
      peers: stagePeers,
      asked: async target => JSON.parse((await ask(`${originUrl}/asked${target}`)).body.toString()) as Asked,
    })
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
    if (origin !== undefined) await processes.stop(origin.running)
  }
}

async function startCounted(processes: Processes): Promise<{ url: string; running: Running }> {
  const command = siblingCommand(import.meta.url, 'origin-main')
  const options = { ready: /^origin ready (\d+)$/, timeoutMs: READY_TIMEOUT_MS }
  const { running, match } = await startReady(processes, 'origin', command, options)
  return { url: `http://127.0.0.1:${match[1]}`, running }
}

function stagePeer(peer: Peer, directory: string): StagePeer {
  return {
    name: peer.name,
    port: Number(new URL(peer.url).port),
    // The edge keeps its zones there; nginx has none in files.
    memoryBytes: () => memoryBytes(peer.pids(), join(directory, 'run')),
    untilHit: async target => {
      const deadline = performance.now() + HIT_TIMEOUT_MS
      while (!saysHit(await ask(peer.url + target))) {
        if (performance.now() > deadline) throw new Problem(`${peer.name} does not store ${target}`, 1)
        await setTimeoutPromise(HIT_INTERVAL_MS)
      }
    },
  }
}
