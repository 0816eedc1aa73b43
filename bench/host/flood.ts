// `flood`: thousands of connections that say nothing, or the head of a request byte by byte: what hits feel of them, and
// what they cost in memory.
import { connect, type Socket } from 'node:net'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { quantile } from '../statistics.js'
import type { Measurement, Scale } from './measurement.js'
import { onStage, type StagePeer } from './stage.js'
import { steadyHits } from './steady-hits.js'

/** Of the idle ones, so many more are slow. */
const SLOW_PART = 0.2
/** Of `--connections`. */
const IDLE_PART = 0.25
const OBJECT_BYTES = 1_024
const SLOWER_MAX = 2
const DRIP_MS = 1_000
const MB = 1_048_576

interface Sample {
  peer: string
  p99BeforeMs: number
  p99DuringMs: number
  failures: number
  growthMb: number
  idle: number
  open: number
}

export const flood: Measurement = {
  name: 'flood',
  summary: 'thousands of idle connections, and of heads that come byte by byte: p99 of hits, memory',
  hasPeers: true,
  async run(context) {
    const samples = await onStage('flood', context, async stage => {
      const all: Sample[] = []
      for (const peer of stage.peers) all.push(await sampleOf(peer, context.scale))
      return all
    })
    const edge = samples.filter(({ peer }) => peer === context.kinds[0]!.name)
    return {
      lines: samples.map(describe),
      isKept: edge.every(({ p99BeforeMs, p99DuringMs }) => p99DuringMs <= SLOWER_MAX * p99BeforeMs),
      faults: edge
        .filter(({ failures }) => failures > 0)
        .map(({ failures }) => `flood: ${failures} hits failed`),
      samples,
    }
  },
}

async function sampleOf(peer: StagePeer, { seconds, connections: all }: Scale): Promise<Sample> {
  const connections = Math.ceil(all * IDLE_PART)
  const target = `/object/${OBJECT_BYTES}/0/${peer.name.replaceAll(/\W/g, '_')}`
  await peer.untilHit(target)
  const before = await steadyHits(peer.port, target, seconds)
  const beforeBytes = peer.memoryBytes()
  const idle = await openMany(peer.port, connections)
  const drip = dripping(peer.port, Math.ceil(connections * SLOW_PART))
  // Until the first slow heads have come as far as they do.
  await setTimeoutPromise(DRIP_MS)
  const during = await steadyHits(peer.port, target, seconds)
  const growthMb = (peer.memoryBytes() - beforeBytes) / MB
  const open = idle.filter(socket => !socket.destroyed).length
  drip.stop()
  for (const socket of idle) socket.destroy()
  const [p99BeforeMs, p99DuringMs] = [before, during].map(({ taken }) => quantile(taken, 0.99))
  const failures = before.failures + during.failures
  return {
    peer: peer.name,
    p99BeforeMs: p99BeforeMs!,
    p99DuringMs: p99DuringMs!,
    failures,
    growthMb,
    open,
    idle: connections,
  }
}

function open(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port })
  // Its end is the server's to decide.
  socket.on('error', () => {})
  return socket
}

async function openMany(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(200, count - sockets.length) }, () => open(port))
    await Promise.all(
      some.map(socket => new Promise(resolve => socket.once('connect', resolve).once('close', resolve))),
    )
    sockets.push(...some)
  }
  return sockets
}

/** Connections whose request comes byte by byte; one that is cut comes back. */
function dripping(port: number, count: number): { stop(): void } {
  const head = 'GET / HTTP/1.1\r\nHost: www.bench.example\r\n'
  const sockets = Array.from({ length: count }, () => open(port))
  const said = new Array<number>(count).fill(0)
  const timer = setInterval(() => {
    for (const [at, socket] of sockets.entries()) {
      if (socket.destroyed) {
        sockets[at] = open(port)
        said[at] = 0
      } else if (said[at]! < head.length) socket.write(head[said[at]!++]!)
    }
  }, DRIP_MS)
  return {
    stop: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}

function describe({ peer, p99BeforeMs, p99DuringMs, growthMb, idle, open: stillOpen }: Sample): string {
  const times = `p99 ${p99BeforeMs.toFixed(2)} ms before, ${p99DuringMs.toFixed(2)} ms during (<= ${SLOWER_MAX} times)`
  return `${peer}: ${times}; ${growthMb.toFixed(1)} MB more; ${stillOpen} of ${idle} idle ones still open at the end`
}
