import t from 'tap'
import { FrameReader } from '../../../fetch/web-socket/frame-reader.js'
import { noise } from '../../support/play.js'

type Heard = [what: string, content: string]

/** Messages whole again, control frames, in their order; pieces of `size` bytes. */
function read(bytes: Buffer, size = bytes.length): Heard[] {
  const heard: Heard[] = []
  let message: Buffer[] = []
  const reader = new FrameReader({
    onPiece: (piece, { isBinary, isFirst, isLast }) => {
      if (isFirst !== (message.length === 0)) throw new Error('out of order')
      message.push(Buffer.from(piece))
      if (!isLast && piece.length === 0) throw new Error('a piece of nothing')
      if (!isLast) return
      heard.push([isBinary ? 'binary' : 'text', Buffer.concat(message).toString('latin1')])
      message = []
    },
    onPing: payload => heard.push(['ping', payload.toString('latin1')]),
    onPong: payload => heard.push(['pong', payload.toString('latin1')]),
    onClose: (code, reason) => heard.push([`close ${code}`, reason.toString('latin1')]),
  })
  try {
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  } catch (error) {
    heard.push(['error', (error as Error).message])
    t.equal((error as { code?: string }).code, 'bad-frame')
  }
  if (message.length > 0) heard.push(['part', Buffer.concat(message).toString('latin1')])
  return heard
}

/** A frame of a server. */
function frame(first: number, payload: string | Buffer, sizeBytes?: 2 | 8): Buffer {
  const bytes = Buffer.from(payload as string, 'latin1')
  const { length } = bytes
  const form = sizeBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8)
  const size = Buffer.alloc(1 + form)
  size[0] = form === 0 ? length : form === 2 ? 126 : 127
  if (form === 2) size.writeUInt16BE(length, 1)
  if (form === 8) size.writeBigUInt64BE(BigInt(length), 1)
  return Buffer.concat([Buffer.from([first]), size, bytes])
}

const close = (code: number, reason = '') =>
  Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)])

const sound: [row: string, frames: Buffer[], expected: Heard[]][] = [
  ['RFC 6455 5.7: a text', [frame(0x81, 'Hello')], [['text', 'Hello']]],
  ['5.7: a text in two frames', [frame(0x01, 'Hel'), frame(0x80, 'lo')], [['text', 'Hello']]],
  ['5.7: a ping', [frame(0x89, 'Hello')], [['ping', 'Hello']]],
  [
    '5.4: a ping within a message',
    [frame(0x02, 'a'), frame(0x89, 'p'), frame(0x00, 'b'), frame(0x80, 'c')],
    [
      ['ping', 'p'],
      ['binary', 'abc'],
    ],
  ],
  [
    'empty messages',
    [frame(0x81, ''), frame(0x82, '')],
    [
      ['text', ''],
      ['binary', ''],
    ],
  ],
  [
    'empty frames of a message',
    [frame(0x01, ''), frame(0x00, ''), frame(0x00, 'x'), frame(0x80, '')],
    [['text', 'x']],
  ],
  ['a message of empty frames', [frame(0x01, ''), frame(0x80, '')], [['text', '']]],
  [
    '126 bytes',
    [frame(0x82, noise(126)), frame(0x8a, '')],
    [
      ['binary', noise(126).toString('latin1')],
      ['pong', ''],
    ],
  ],
  ['a Close ends it', [frame(0x88, close(1_000, 'bye')), frame(0x81, 'x')], [['close 1000', 'bye']]],
  ['a Close without a code', [frame(0x88, '')], [['close 1005', '']]],
  ['a control frame of 125 bytes', [frame(0x89, 'x'.repeat(125))], [['ping', 'x'.repeat(125)]]],
]
for (const [row, frames, expected] of sound) {
  t.test(`FrameReader ${row}, however it is cut`, async t => {
    const bytes = Buffer.concat(frames)
    for (let size = 1; size <= bytes.length; size += 1) t.strictSame(read(bytes, size), expected, `${size}`)
  })
}

t.test('FrameReader: 65,535 and 65,536 bytes', async t => {
  for (const length of [65_535, 65_536]) {
    const bytes = frame(0x82, noise(length))
    for (const size of [1, 7, 16_384, bytes.length]) {
      t.strictSame(read(bytes, size), [['binary', noise(length).toString('latin1')]])
    }
  }
})

t.test('FrameReader hands on what has come of a frame without end', async t => {
  const head = Buffer.from([0x82, 127, 0, 0, 0x10, 0, 0, 0, 0, 0])
  t.strictSame(read(Buffer.concat([head, Buffer.from('abc')])), [['part', 'abc']])
})

const broken: [row: string, frames: Buffer[], expected: RegExp][] = [
  ['reserved bits', [frame(0xc1, 'x')], /reserved bits/],
  ['masked', [Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])], /masked/],
  ['an unknown opcode', [frame(0x83, '')], /opcode 3/],
  ['an unknown control opcode', [frame(0x8b, '')], /opcode 11/],
  ['a control frame in parts', [frame(0x09, '')], /in parts/],
  ['a control frame of 126 bytes', [frame(0x89, 'x'.repeat(126))], /too long/],
  ['the rest of nothing', [frame(0x80, 'x')], /rest of none/],
  ['a message within another', [frame(0x01, 'x'), frame(0x81, 'y')], /within another/],
  ['a length too long by two bytes', [frame(0x82, 'x', 2)], /longer than it has to be/],
  ['a length too long by eight bytes', [frame(0x82, noise(126), 8)], /longer than it has to be/],
  ['a length beyond all', [Buffer.from([0x82, 127, 0, 32, 0, 0, 0, 0, 0, 0])], /without end/],
  ['half a code', [frame(0x88, 'x')], /code/],
  ['a code that is none', [frame(0x88, close(1_005))], /code/],
  ['a reason that is no UTF-8', [frame(0x88, Buffer.concat([close(1_000), Buffer.from([0xff])]))], /UTF-8/],
]
for (const [row, frames, expected] of broken) {
  t.test(`FrameReader refuses ${row}, however it is cut`, async t => {
    const bytes = Buffer.concat(frames)
    for (let size = 1; size <= bytes.length; size += 1) {
      const heard = read(bytes, size)
      t.match(heard.at(-1)?.[0] === 'part' ? heard.at(-2) : heard.at(-1), ['error', expected], `${size}`)
    }
  })
}

t.test('FrameReader: random bytes do no harm, and say the same however they are cut', async t => {
  let seed = 7
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  const corpus = sound.flatMap(([, frames]) => frames)
  for (let round = 0; round < 3_000; round += 1) {
    const bytes = Buffer.concat([0, 1, 2].map(() => corpus[random(corpus.length)]))
    for (let changes = random(4); changes > 0; changes -= 1) bytes[random(bytes.length)] = random(256)
    const whole = read(bytes)
    const cut = read(bytes, 1 + random(9))
    if (JSON.stringify(whole) !== JSON.stringify(cut)) t.strictSame(cut, whole, bytes.toString('hex'))
  }
  t.pass('3,000 rounds')
})
