import t from 'tap'
import { encodeFrame, type Frame, FrameReader } from '../../shared/frames.js'

const frames: Frame[] = [
  { slot: 0, turn: 0, event: 0, value: 0 },
  { slot: 0xffffffff, turn: 0xffffffff, event: 0xffffffff, value: 0xffffffff },
  { slot: 1, turn: 2, event: 3, value: 4 },
]

function readAll(chunks: Buffer[]): Frame[] {
  const reader = new FrameReader()
  const found: Frame[] = []
  for (const chunk of chunks) reader.read(chunk, frame => found.push(frame))
  return found
}

t.test('encodeFrame() writes 16 bytes, little-endian', async t => {
  t.equal(encodeFrame(frames[2]).toString('hex'), '01000000020000000300000004000000')
})

t.test('FrameReader gives the same frames in order, wherever the chunks are cut', async t => {
  const bytes = Buffer.concat(frames.map(encodeFrame))
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      Buffer.from(bytes.subarray(index * size, (index + 1) * size)),
    )
    t.strictSame(readAll(chunks), frames, `${size} bytes each`)
  }
})

t.test('FrameReader keeps its own copy of the beginning of a frame', async t => {
  const bytes = encodeFrame(frames[2])
  const chunk = Buffer.from(bytes.subarray(0, 9))
  const reader = new FrameReader()
  const found: Frame[] = []
  reader.read(chunk, frame => found.push(frame))
  chunk.fill(0xee)
  reader.read(bytes.subarray(9), frame => found.push(frame))
  t.strictSame(found, [frames[2]])
})
