// Bodies that the kernel sends out of a segment: whole, from a cold disk, to who reads slowly, and when the segment leaves.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, unlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Bodies } from '../../cache/segment-reads.js'
import { ReplayFiles } from '../../replay/files.js'
import { onUws, type TestEdge } from '../support/edge.js'
import { given } from './support/given.js'
import { asking, bodies, replaying } from './support/replaying.js'

const later = (delayMs: number) => new Promise(resolve => setTimeout(resolve, delayMs))
const segmentsOf = ({ config }: TestEdge) => {
  const directory = `${config.cache.directory}/segments`
  return readdirSync(directory).map(name => `${directory}/${name}`)
}

/** Out of the memory of the system: whoever reads next waits for the disk. */
function makeCold(edge: TestEdge): void {
  const program = `import os, sys
for name in sys.argv[1:]:
  file = os.open(name, os.O_RDONLY)
  os.fsync(file)
  os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)`
  execFileSync('python3', ['-c', program, ...segmentsOf(edge)])
}

/** Counts what comes, without looking at all of it again and again. */
class Reader {
  readonly socket: Socket
  #chunks: Buffer[] = []
  #length = 0

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', chunk => {
      this.#chunks.push(chunk)
      this.#length += chunk.length
    })
  }

  /** The body of the next answer, which has as many bytes as `target` has. */
  async body(target: string): Promise<Buffer> {
    const { length } = bodies[target]!
    for (;;) {
      const [first] = this.#chunks
      const end = first === undefined ? -1 : first.indexOf('\r\n\r\n')
      if (end >= 0 && this.#length >= end + 4 + length) {
        const all = Buffer.concat(this.#chunks)
        this.#chunks = []
        this.#length = 0
        return all.subarray(end + 4)
      }
      await once(this.socket, 'data')
    }
  }

  ask(target: string): Promise<Buffer> {
    this.socket.write(asking(target))
    return this.body(target)
  }

  /** It is asked for, and nothing is read. */
  async askAndWait(target: string): Promise<void> {
    this.socket.pause()
    this.socket.write(asking(target))
    while (given.memory?.sending() !== 1) await later(2)
  }
}

/** Its next hit is not the path's. */
async function known(t: Test, target: string, cache = {}) {
  const stage = await replaying(t, { access: 'off' }, cache)
  const reader = new Reader(stage.edge.port)
  t.teardown(() => reader.socket.destroy())
  while (stage.hits().hits === 0) {
    await reader.ask(target)
    await later(20)
  }
  await later(50)
  for (let turn = 0; turn < 2; turn += 1) await reader.ask(target)
  return { ...stage, reader, whole: bodies[target]! }
}

for (const target of ['/middle', '/large', '/huge']) {
  t.test(`${target} is given whole, and again, and what is asked behind it`, onUws, async t => {
    const { reader, whole, hits } = await known(t, target)
    const { given: before } = hits()
    for (let turn = 0; turn < 3; turn += 1) t.ok((await reader.ask(target)).equals(whole))
    t.equal(hits().given, before + 3)
  })
}

t.test('who reads slowly gets it whole, though the disk has to bring it', onUws, async t => {
  const { edge, whole, hits } = await known(t, '/huge')
  const reader = new Reader(edge.port)
  t.teardown(() => reader.socket.destroy())
  const { given: before } = hits()
  await reader.askAndWait('/huge')
  makeCold(edge)
  reader.socket.resume()
  t.ok((await reader.body('/huge')).equals(whole))
  while (given.memory?.sending() !== 0) await later(5)
  t.equal(hits().given, before + 1)
  t.ok((await reader.ask('/huge')).equals(whole), 'the connection is none the worse for it')
})

t.test('what the disk would have to bring takes the path, and then not', onUws, async t => {
  const { edge, reader, whole, hits } = await known(t, '/huge')
  makeCold(edge)
  const { given: before } = hits()
  t.ok((await reader.ask('/huge')).equals(whole))
  const { given: cold } = hits()
  t.ok((await reader.ask('/huge')).equals(whole))
  t.ok(cold === before && hits().given === before + 1)
})

t.test('a segment that leaves is sent to the end, and no more', onUws, async t => {
  const { edge, whole, hits } = await known(t, '/huge')
  const reader = new Reader(edge.port)
  t.teardown(() => reader.socket.destroy())
  await reader.askAndWait('/huge')
  for (const name of segmentsOf(edge)) unlinkSync(name)
  // That it is gone is seen within a second; from then on it takes the path.
  await later(1_200)
  const { given: before } = hits()
  const other = new Reader(edge.port)
  t.ok((await other.ask('/huge')).equals(whole))
  other.socket.destroy()
  t.equal(hits().given, before)
  reader.socket.resume()
  t.ok((await reader.body('/huge')).equals(whole))
})

t.test('who still reads a segment long after it left is cut off', onUws, async t => {
  const { edge } = await known(t, '/huge', { evictedReadMaxMs: '1s' })
  // Who has read much lately has a buffer that takes all of it.
  const reader = new Reader(edge.port)
  await reader.askAndWait('/huge')
  for (const name of segmentsOf(edge)) unlinkSync(name)
  while (given.memory?.sending() !== 0) await later(20)
  reader.socket.resume()
  await once(reader.socket, 'close')
  t.equal(edge.counters().clientAborts, 1)
})

t.test('ReplayFiles holds what it is given, and lets go of it when nobody is being sent to', async t => {
  const said: string[] = []
  let senders = 1
  let goneSinceMs: number | undefined
  const hold = () => ({
    descriptor: 7,
    get goneSinceMs() {
      return goneSinceMs
    },
    release: () => void said.push('release'),
  })
  const files = new ReplayFiles(
    {
      addFile: (id, descriptor) => void said.push(`add ${id} ${descriptor}`),
      leaveFile: id => {
        said.push(`leave ${id}`)
        return senders
      },
      cutFile: id => void said.push(`cut ${id}`),
    },
    { segments: { hold }, evictedReadMaxMs: 60_000 } as unknown as Bodies,
  )
  const place = { segment: 3, extents: [[64, 5]], bytes: 5, crc: 0 } as const
  t.strictSame(files.placed(place), { file: 3, extents: [[64, 5]], bytes: 5 })
  t.ok(files.placed(place))
  t.strictSame(said.splice(0), ['add 3 7'])
  files.sweep()
  goneSinceMs = performance.now()
  files.sweep()
  t.equal(files.placed(place), undefined)
  goneSinceMs -= 61_000
  files.sweep()
  senders = 0
  files.sweep()
  files.sweep()
  t.strictSame(said, ['leave 3', 'cut 3', 'leave 3', 'cut 3', 'leave 3', 'release'])
})
