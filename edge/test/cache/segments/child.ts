// Another worker on the same segments, for the tests: writes until it is killed, or until nothing goes any more.
// Arguments: directory, segmentBytes, command, name, seed.
import { encodePlace, openSegments, type Segments } from '../../../cache/segments/segments.js'
import { randomFrom } from './random.js'
import { bodyOf, writeChunks } from './support.js'

const [directory = '', segmentBytes = '0', command = '', name = '', seed = '1'] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const log = (_level: string, message: string, { error }: Record<string, unknown>): void => {
  process.send?.({ message, code: (error as { code?: string } | undefined)?.code })
}
const segments = openSegments({ directory, segmentBytes: Number(segmentBytes), openReadersMax: 16, log })

function sizeOf(): number {
  const top = [10, 3_000, 70_000, 400_000, 5_000_000][Math.floor(random() ** 2 * 5)]
  return Math.floor(random() * top)
}

/** One body after the other; tells the place of each that is complete, and how far others are. */
async function writeForEver(segments: Segments, lane: number): Promise<void> {
  for (let round = 0; ; round++) {
    const body = `${name}:${lane}:${round}`
    const bytes = sizeOf()
    const writing = segments.begin(random() < 0.5 ? bytes : undefined)
    if (writing === undefined) throw new Error('nothing can be written')
    const content = bodyOf(body, bytes)
    writing.onGrow = () => {
      if (random() < 0.1) process.send?.({ body, soFar: writing.placeSoFar() })
    }
    await writeChunks(writing, content, 1 + Math.floor(random() * 100_000))
    if (random() < 0.1) writing.abandon()
    else process.send?.({ body, place: encodePlace(await writing.finish()).toString('hex') })
  }
}

/** Bodies of 64 KiB until one fails; then one more after the pause would have to fail again at `begin`. */
async function writeUntilFull(segments: Segments): Promise<void> {
  let stored = 0
  try {
    for (; stored < 1_000; stored++) {
      const writing = segments.begin(65_536)
      if (writing === undefined) break
      writing.append(bodyOf(String(stored), 65_536))
      await writing.finish()
    }
    process.send?.({ stored, isPaused: segments.begin(1) === undefined })
  } catch (error) {
    process.send?.({
      stored,
      code: (error as { code: string }).code,
      isPaused: segments.begin(1) === undefined,
    })
  }
  await segments.close()
  process.disconnect()
}

// Beyond a file size limit the system sends this signal; caught, the write fails with EFBIG as on a full disk.
process.on('SIGXFSZ', () => {})

if (command === 'full') await writeUntilFull(segments)
else await Promise.all([0, 1, 2, 3].map(lane => writeForEver(segments, lane)))
