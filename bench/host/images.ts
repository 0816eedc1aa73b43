// `images`: what the first form of a photograph costs, that a herd for one has it made once, and what plain hits feel while
// the optimiser has more to do than it can.
import { mkdir } from 'node:fs/promises'
import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { clockTicksPerSecond, readTicks, sumOf } from '../cpu.js'
import type { Peer } from '../peers/peer.js'
import { Problem } from '../problem.js'
import { type BesideImages, hitsBesideImages } from './beside-images.js'
import type { Context, Measurement } from './measurement.js'

const [WIDTH, HEIGHT] = [1_200, 900]
const HERD_MAX = 500
const HERD_TARGET = '/herd.jpg?w=600&format=webp'
const FIRST_ONES_MAX = 8
const CPU_MS_MAX = 250
const SLOWER_MAX = 1.5
const HIT_TARGET = '/plain/1024'

interface Sample extends BesideImages {
  /** User + system of all processes of the edge, for the first AVIF of one photograph. */
  cpuMs: number
  madeOfHerd: number
  askedOfHerd: number
}

export const images: Measurement = {
  name: 'image',
  summary: `AVIF of photographs of ${WIDTH} pixels: CPU, a herd for one form, hits beside a busy optimiser`,
  hasPeers: false,
  async run(context) {
    const sample = await onImages(context, edge => sampleOf(edge, context))
    const { cpuMs, madeOfHerd, askedOfHerd, p99BeforeMs, p99DuringMs, ratio, perSecond } = sample
    return {
      lines: [
        `first AVIF of ${WIDTH} px: ${cpuMs.toFixed(0)} ms of CPU (< ${CPU_MS_MAX})`,
        `${Math.min(HERD_MAX, context.scale.clients)} at once for one form: made ${madeOfHerd} times, the origin asked ${askedOfHerd} times (1, 1)`,
        `hits: p99 ${p99BeforeMs.toFixed(2)} ms before, ${p99DuringMs.toFixed(2)} ms during, ${ratio.toFixed(2)} times (<= ${SLOWER_MAX}); ` +
          `${perSecond.toFixed(1)} photographs a second beside them`,
      ],
      isKept: cpuMs < CPU_MS_MAX && madeOfHerd === 1 && askedOfHerd === 1 && ratio <= SLOWER_MAX,
      faults: faultsOf(sample),
      samples: [sample],
    }
  },
}

function faultsOf({ failures, isFirst }: Sample): string[] {
  const faults: string[] = []
  if (failures > 0) faults.push(`images: ${failures} hits failed`)
  if (!isFirst)
    faults.push('images: what the client waits for a core is in its times: `chrt --rr` is not allowed')
  return faults
}

interface ImageEdge {
  peer: Peer
  port: number
  /** How often the origin was asked for a path. */
  asked: ReadonlyMap<string, number>
  metric(name: string): Promise<number>
}

async function onImages<T>(context: Context, measure: (edge: ImageEdge) => Promise<T>): Promise<T> {
  const asked = new Map<string, number>()
  const origin = await startOrigin(await photographs(context.scale.photographs), asked)
  const directory = join(context.directory, 'images')
  await mkdir(directory, { recursive: true })
  const [kind] = context.kinds
  const peer = kind!.create({
    name: kind!.name,
    directory,
    originUrl: `http://127.0.0.1:${(origin.address() as AddressInfo).port}`,
    processes: context.processes,
    core: undefined,
    host: {
      workers: 2,
      objectBytesMax: 2 ** 26,
      cacheBytesMax: 2 ** 30,
      site: { optimise: { images: true } },
      // Where there is no core to spare a form takes its time.
      more: { optimise: { waitMs: '1m' } },
    },
  })
  try {
    await peer.start()
    const metric = (name: string) => readMetric(join(directory, 'run', 'edge.sock'), name)
    return await measure({ peer, port: Number(new URL(peer.url).port), asked, metric })
  } finally {
    await peer.stop()
    origin.close()
    origin.closeAllConnections()
  }
}

async function sampleOf({ peer, port, asked, metric }: ImageEdge, { scale }: Context): Promise<Sample> {
  const firstOnes = Math.min(FIRST_ONES_MAX, scale.photographs)
  const made = (kind: string) => metric(`naij_optimiser_jobs_total{kind="${kind}",outcome="made"}`)
  // The first of all begins with the library.
  await fetchAll(port, ['/0.jpg?w=100&format=avif'])
  const pids = peer.pids()
  const before = sumOf(readTicks(pids))
  for (let at = 0; at < firstOnes; at += 1) await fetchAll(port, [`/${at}.jpg?w=${WIDTH}&format=avif`])
  const cpuMs = ((sumOf(readTicks(pids)) - before) / clockTicksPerSecond() / firstOnes) * 1000
  await fetchAll(
    port,
    Array.from({ length: Math.min(HERD_MAX, scale.clients) }, () => HERD_TARGET),
  )
  await new Promise(resolve => setTimeout(resolve, 1_500))
  const madeOfHerd = await made('image-webp')
  await fetchAll(port, [HIT_TARGET, HIT_TARGET])
  // The originals first: their way through the edge is not what is measured.
  for (let at = 0; at < scale.photographs; at += 1) await fetchAll(port, [`/${at}.jpg`])
  const { photographs, seconds } = scale
  return {
    cpuMs,
    madeOfHerd,
    askedOfHerd: asked.get('/herd.jpg') ?? 0,
    ...(await hitsBesideImages({ port, target: HIT_TARGET, photographs, width: WIDTH, seconds })),
  }
}

/** Different ones: shapes, and grain as film has it. */
async function photographs(count: number): Promise<Buffer[]> {
  const { default: sharp } = await import('sharp')
  const made: Buffer[] = []
  for (let number = 0; number < count; number += 1) {
    const raw = Buffer.alloc(WIDTH * HEIGHT * 3)
    let seed = number + 1
    for (let at = 0; at < raw.length; at += 3) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
      const [x, y] = [(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH)]
      const wave = Math.sin(x / (40 + number)) * Math.cos(y / 60) * 60
      const grain = (seed >> 16) & 15
      raw[at] = 90 + wave + grain
      raw[at + 1] = 60 + (y / HEIGHT) * 120 + grain
      raw[at + 2] = 80 + (x / WIDTH) * 100 + grain
    }
    made.push(
      await sharp(raw, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .jpeg({ quality: 88 })
        .toBuffer(),
    )
  }
  return made
}

async function startOrigin(all: readonly Buffer[], asked: Map<string, number>): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    asked.set(url, (asked.get(url) ?? 0) + 1)
    const fields = { 'Cache-Control': 'public, max-age=86400' }
    if (url === HIT_TARGET)
      return response.writeHead(200, { ...fields, 'Content-Length': 1024 }).end(Buffer.alloc(1024))
    const photograph = all[Number(/^\/(\d+)\.jpg$/.exec(url)?.[1] ?? 0)]!
    return response
      .writeHead(200, { ...fields, 'Content-Type': 'image/jpeg', 'Content-Length': photograph.length })
      .end(photograph)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function fetchAll(port: number, targets: readonly string[]): Promise<void> {
  await Promise.all(
    targets.map(
      path =>
        new Promise<void>((resolve, reject) => {
          const request = get({ host: '127.0.0.1', port, path, agent: false }, response => {
            response.resume().once('end', resolve).once('error', reject)
            const isForm = !path.includes('format=') || !/jpeg/.test(String(response.headers['content-type']))
            if (response.statusCode !== 200 || !isForm)
              reject(
                new Problem(
                  `${path} is answered with ${response.statusCode} ${response.headers['content-type']}`,
                  1,
                ),
              )
          })
          request.once('error', reject)
        }),
    ),
  )
}

function readMetric(socketPath: string, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path: '/metrics' }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', piece => {
        text += piece
      })
      response.once('end', () => {
        const line = text.split('\n').find(each => each.startsWith(`${name} `))
        resolve(Number(line?.slice(name.length + 1) ?? 0))
      })
    })
    request.once('error', reject)
  })
}
