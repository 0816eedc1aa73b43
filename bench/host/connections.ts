// `connections`: what a connection costs a server that has answered once on it and now waits, in memory of its processes.
import type { Running } from '../processes.js'
import { startReady } from '../ready.js'
import { siblingCommand } from '../sibling.js'
import type { Context, Measurement } from './measurement.js'
import { onStage, type StagePeer } from './stage.js'

const OBJECT_BYTES = 1_024
/** Of one process: every connection is a descriptor. */
const CLIENT_CONNECTIONS_MAX = 5_000
const READY_TIMEOUT_MS = 60_000

export interface Sample {
  peer: string
  asked: number
  /** On which there was an answer. */
  open: number
  bytesEach: number
}

export const connections: Measurement = {
  name: 'connections',
  summary: 'idle connections that have had an answer each: memory of the server for one',
  hasPeers: true,
  async run(context) {
    const samples = await onStage('connections', context, async stage => {
      const all: Sample[] = []
      for (const peer of stage.peers) all.push(await sampleOf(peer, context))
      return all
    })
    return {
      lines: samples.map(describe),
      isKept: undefined,
      faults: samples
        .filter(({ open, asked }) => open < asked)
        .map(({ peer, open, asked }) => `${peer}: only ${open} of ${asked} connections had an answer`),
      samples,
    }
  },
}

async function sampleOf(peer: StagePeer, { processes, scale }: Context): Promise<Sample> {
  const target = `/object/${OBJECT_BYTES}/0/${peer.name.replaceAll(/\W/g, '_')}`
  await peer.untilHit(target)
  const before = peer.memoryBytes()
  const clients: Running[] = []
  let open = 0
  try {
    // One after the other, and the memory at once: nobody keeps an idle connection for ever.
    for (let left = scale.connections; left > 0; left -= CLIENT_CONNECTIONS_MAX) {
      const count = Math.min(left, CLIENT_CONNECTIONS_MAX)
      const command = [...siblingCommand(import.meta.url, 'idle-main'), `${peer.port}`, target, `${count}`]
      const options = { ready: /^idle (\d+)$/, timeoutMs: READY_TIMEOUT_MS }
      const { running, match } = await startReady(processes, 'idle', command, options)
      clients.push(running)
      open += Number(match[1])
      // It takes no more: the others would wait in vain.
      if (Number(match[1]) < count) break
    }
    const bytesEach = (peer.memoryBytes() - before) / Math.max(open, 1)
    return { peer: peer.name, asked: scale.connections, open, bytesEach }
  } finally {
    await Promise.all(clients.map(client => processes.stop(client)))
  }
}

export function describe({ peer, open, bytesEach }: Sample): string {
  return `${peer}: ${bytesEach.toFixed(0)} bytes for each of ${open} connections`
}
