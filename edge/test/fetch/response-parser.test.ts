// The parser on whole messages, on messages cut at every pair of places, and on messages with random damage: however
// the bytes come it must say the same, and never more than came.
import t from 'tap'
import { headBytesMax, interimMax, ResponseParser } from '../../fetch/response-parser.js'
import { randomFrom } from '../support/store-records.js'
import { corpus, said } from './support/responses.js'

for (const [row, text, expected, asked] of corpus) {
  t.test(`ResponseParser ${row}, cut at every pair of places`, async t => {
    const bytes = Buffer.from(text, 'latin1')
    t.equal(said([bytes], asked), expected)
    const others = new Set<string>()
    for (let first = 1; first < bytes.length; first++) {
      for (let second = first + 1; second <= bytes.length; second++) {
        others.add(
          said([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)], asked),
        )
      }
    }
    others.delete(expected)
    t.strictSame([...others], [])
    t.equal(
      said(
        [...bytes].map(byte => Buffer.of(byte)),
        asked,
      ),
      expected,
      'byte by byte',
    )
  })
}

t.test('ResponseParser says the same of damaged messages, however they are cut', async t => {
  const seed = 20_261_128
  const random = randomFrom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const faults: string[] = []
  for (let round = 0; round < 4_000; round++) {
    const [row, text, , asked] = corpus[below(corpus.length)]!
    const bytes = damaged(Buffer.from(text, 'latin1'), below)
    const whole = said([bytes], asked)
    const cuts = [below(bytes.length + 1), below(bytes.length + 1)].sort((a, b) => a - b)
    const pieces = [bytes.subarray(0, cuts[0]), bytes.subarray(cuts[0], cuts[1]), bytes.subarray(cuts[1])]
    const cut = said(pieces, asked)
    // Whether bytes that belong to no answer come with its end or later is all that may differ.
    if (settled(cut) !== settled(whole))
      faults.push(`${row} ${JSON.stringify(bytes.toString('latin1'))}: ${whole} / ${cut}`)
  }
  t.strictSame(faults, [], `seed ${seed}`)
})

function settled(words: string): string {
  return words
    .replace(/; end(, reusable)?(; bad-response)?$/, '; end')
    .replace(/^(.*)upgrade .*/s, '$1upgrade')
}

function damaged(bytes: Buffer, below: (limit: number) => number): Buffer {
  const parts = [...bytes]
  for (let count = 1 + below(3); count > 0; count--) {
    const at = below(parts.length)
    const kind = below(4)
    if (kind === 0) parts[at] = below(256)
    else if (kind === 1) parts.splice(at, 1 + below(4))
    else if (kind === 2) parts.splice(at, 0, ...parts.slice(at, at + 1 + below(20)))
    else parts.splice(at, 0, [13, 10, 0, 58, 48][below(5)]!)
    if (parts.length === 0) parts.push(below(256))
  }
  return Buffer.from(parts)
}

t.test('what follows an answer belongs to none: the connection is not used again', async t => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'
  t.equal(said([Buffer.from(`${answer}HTTP/1.1 200 OK\r\n\r\n`)]), 'head 200 Content-Length|1; body x; end')
  t.equal(
    said([Buffer.from(answer), Buffer.from('x')]),
    'head 200 Content-Length|1; body x; end, reusable; bad-response',
  )
})

t.test('a second answer on one connection', async t => {
  const statuses: number[] = []
  const parser = new ResponseParser({
    onInterim: () => {},
    onHead: status => void statuses.push(status),
    onBody: () => {},
    onUpgrade: () => {},
    onEnd: () => {},
  })
  for (const status of [200, 404]) {
    parser.begin({ method: 'GET', isUpgrade: false, allowUnknownTransferCoding: false })
    parser.push(Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`))
  }
  parser.close()
  t.strictSame(statuses, [200, 404])
})

t.test('what comes with the switch to another protocol is handed on', async t => {
  const text = 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhello'
  t.equal(said([Buffer.from(text)], { isUpgrade: true }), 'upgrade Upgrade|x hello')
})

t.test('an origin that closes without a word', async t => {
  t.equal(said([], { closes: true }), 'origin-closed')
})

t.test('after stop() nothing is said', async t => {
  for (const stopsAt of ['head', 'body']) {
    const words: string[] = []
    const stop = (word: string) => {
      words.push(word)
      if (word === stopsAt) parser.stop()
    }
    const parser = new ResponseParser({
      onInterim: () => {},
      onHead: () => stop('head'),
      onBody: () => stop('body'),
      onUpgrade: () => {},
      onEnd: () => stop('end'),
    })
    parser.begin({ method: 'GET', isUpgrade: false, allowUnknownTransferCoding: false })
    parser.push(
      Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n'),
    )
    parser.push(Buffer.from('more'))
    parser.close()
    t.equal(words.at(-1), stopsAt)
  }
})

const endless: [row: string, text: string][] = [
  ['a head', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(headBytesMax)}`],
  ['a whole head', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(headBytesMax)}\r\n\r\n`],
  ['interim responses', 'HTTP/1.1 103 X\r\n\r\n'.repeat(interimMax + 1)],
]
for (const [row, text] of endless) {
  t.test(`ResponseParser ends with what has no end: ${row}`, async t => {
    const bytes = Buffer.from(text)
    t.match(said([bytes]), /bad-response$/)
    t.match(said([bytes.subarray(0, 40_000), bytes.subarray(40_000)]), /bad-response$/)
  })
}

t.test('a bare line feed is refused at once, not waited behind', async t => {
  t.equal(said([Buffer.from('HTTP/1.1 200 OK\nA: b\n\n')]), 'bad-response')
  t.equal(said([Buffer.from('HTTP/1.1 200 OK\r'), Buffer.from('\nA: b\n')]), 'bad-response')
})
