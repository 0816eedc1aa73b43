// Workers on one directory of segments that are killed at any moment, while this process reads what they tell of.
import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { decodePlace, type Place, type PlaceSoFar } from '../../../cache/segments/segments.js'
import { childFile as child, kill, startChild } from './child-process.js'
import { randomFrom } from './random.js'
import { bodyOf, mebibyte, readAll, stageOf } from './support.js'

interface Told {
  body: string
  place?: string
  soFar?: PlaceSoFar
}

const rounds = Number(process.env.SEGMENT_ROUNDS ?? 4)
const seed = Number(process.env.SEGMENT_SEED ?? Date.now() % 1_000_000)
const random = randomFrom(seed)

/** Lets one worker write until it has told `messages` times, and kills it within that very turn. */
function writeAndDie(worker: ChildProcess, messages: number, told: (told: Told) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0
    worker.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve()
      else reject(new Error(`the worker ended by itself: ${code ?? signal}`))
    })
    worker.on('message', (message: Told) => {
      told(message)
      if (++count === messages) worker.kill('SIGKILL')
    })
  })
}

/** Those that share a byte with another. */
function overlapping(places: Iterable<Place>): string[] {
  const all = [...places].flatMap(({ segment, extents }) =>
    extents.map(([offset, length]) => ({ segment, offset, end: offset + length })),
  )
  all.sort((a, b) => a.segment - b.segment || a.offset - b.offset)
  return all
    .filter((extent, i) => i > 0 && all[i - 1].segment === extent.segment && all[i - 1].end > extent.offset)
    .map(({ segment, offset }) => `${segment} at ${offset}`)
}

t.test(`what killed workers have finished is byte-exact (SEGMENT_SEED=${seed})`, async t => {
  t.comment(`SEGMENT_SEED=${seed} SEGMENT_ROUNDS=${rounds}`)
  const { segments, directory, lines } = stageOf(t, { segmentBytes: 4 * mebibyte })
  const finished = new Map<string, Place>()
  const faults: string[] = []
  let soFarCount = 0
  const verify = async (body: string, place: PlaceSoFar): Promise<void> => {
    const bytes = await readAll(segments, place)
    if (bytes === undefined || !bytes.equals(bodyOf(body, place.bytes)))
      faults.push(`${body} of ${place.bytes}`)
  }
  const reading: Promise<void>[] = []
  const told = (message: Told): void => {
    const place = message.place === undefined ? undefined : decodePlace(Buffer.from(message.place, 'hex'))
    if (place !== undefined) finished.set(message.body, place)
    else if (message.soFar !== undefined) soFarCount++
    else faults.push(JSON.stringify(message))
    const readable = place ?? message.soFar
    if (readable !== undefined) reading.push(verify(message.body, readable))
  }
  const lane = async (name: string): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const words = [directory, 4 * mebibyte, 'write', `${name}${round}`, Math.floor(random() * 2 ** 31)]
      await writeAndDie(startChild(t, child, words), 1 + Math.floor(random() * 150), told)
    }
  }
  await Promise.all([lane('a'), lane('b')])
  await Promise.all(reading)
  t.strictSame(faults, [])
  t.ok(finished.size > rounds && soFarCount > 0, `${finished.size} finished, ${soFarCount} running ones read`)
  t.strictSame(overlapping(finished.values()), [])
  for (const [body, place] of finished) await verify(body, place)
  t.strictSame(faults, [], 'also when all writers are dead')
  for (const place of finished.values()) if (!(await segments.check(place))) faults.push('crc')
  t.strictSame(faults, [], 'without a loss of power no check is needed, and none fails')
  await segments.evictOldest(0)
  t.equal(
    readdirSync(directory).filter(name => name.endsWith('.segment')).length,
    1,
    'what the dead wrote can be evicted',
  )
  t.strictSame(lines, [])
})

t.test('what is evicted while others write and read is absent, never something else', async t => {
  const { segments, directory, lines } = stageOf(t)
  const faults: string[] = []
  let found = 0
  let absent = 0
  const read = async ({ body, place: encoded }: Told): Promise<void> => {
    const place = encoded === undefined ? undefined : decodePlace(Buffer.from(encoded, 'hex'))
    if (place === undefined) return
    await segments.evictOldest(4 * mebibyte)
    const bytes = await readAll(segments, place)
    if (bytes === undefined) absent++
    else if (bytes.equals(bodyOf(body, place.bytes))) found++
    else faults.push(body)
  }
  const reading: Promise<void>[] = []
  const lane = (name: string): Promise<void> =>
    writeAndDie(startChild(t, child, [directory, mebibyte, 'write', name, seed]), 300, told => {
      reading.push(read(told))
    })
  await Promise.all([lane('c'), lane('d')])
  await Promise.all(reading)
  t.strictSame(faults, [])
  t.ok(found > 0, `${found} found, ${absent} absent (SEGMENT_SEED=${seed})`)
  t.strictSame(lines, [])
})

t.test('a segment that another living worker writes to is not evicted', async t => {
  const { segments, directory } = stageOf(t)
  const worker = startChild(t, child, [directory, 64 * mebibyte, 'write', 'live', 1])
  const place = await new Promise<Place>(resolve => {
    worker.on('message', ({ place }: Told) => {
      const decoded = place === undefined ? undefined : decodePlace(Buffer.from(place, 'hex'))
      if (decoded !== undefined && decoded.bytes > 0) resolve(decoded)
    })
  })
  // A newer one, so that it is not for being the newest that the other's is spared.
  segments.begin(10)?.abandon()
  t.equal((await segments.evictOldest(0)).includes(place.segment), false)
  await kill(worker)
  t.ok((await segments.evictOldest(0)).includes(place.segment), 'until it is killed')
})

t.test('a full disk is one error, and then a pause', async t => {
  const directory = `${t.testdir()}/segments`
  const words = [directory, mebibyte, 'full', 'full', 1]
  const worker = startChild(t, child, words, (512 * 1024) / 512)
  const messages: Record<string, unknown>[] = []
  worker.on('message', (message: Record<string, unknown>) => messages.push(message))
  await new Promise(resolve => worker.on('exit', resolve))
  t.match(messages, [
    { message: 'bodies are not stored for a while', code: 'store-full' },
    { code: 'store-full', stored: 7, isPaused: true },
  ])
})
