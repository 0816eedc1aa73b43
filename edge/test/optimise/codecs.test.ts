import { spawnSync } from 'node:child_process'
import zlib from 'node:zlib'
import t from 'tap'
import { codingsAtHand, decode, encode } from '../../optimise/codecs.js'

const text = Buffer.from('All the codings that a client may take, and none that it may not. '.repeat(500))

t.test('all three codings are at hand', async t => {
  t.strictSame([...codingsAtHand].sort(), ['br', 'gzip', 'zstd'])
})

for (const coding of ['br', 'zstd', 'gzip'] as const) {
  t.test(`${coding}: what is encoded is decoded, fast and best`, async t => {
    for (const body of [text, Buffer.from('x'), Buffer.alloc(0)]) {
      const [fast, best] = [encode(coding, 'fast', body), encode(coding, 'best', body)]
      t.ok(best.length <= fast.length)
      for (const coded of [fast, best]) t.strictSame(await decode(coding, coded, 1e6), body)
    }
  })

  t.test(`${coding}: no further than allowed, and nothing that is damaged`, async t => {
    const coded = encode(coding, 'fast', Buffer.alloc(10_000_000))
    t.ok(coded.length < 20_000)
    await t.rejects(decode(coding, coded, 1_000_000), { code: 'too-large' })
    await t.rejects(decode(coding, coded.subarray(0, coded.length / 2), 1e8), { code: 'damaged' })
    await t.rejects(decode(coding, text, 1e8), { code: 'damaged' })
  })
}

t.test('other programs read it', async t => {
  t.strictSame(zlib.brotliDecompressSync(encode('br', 'best', text)), text)
  t.strictSame(zlib.gunzipSync(encode('gzip', 'fast', text)), text)
  for (const [program, coding] of [
    ['gzip', 'gzip'],
    ['zstd', 'zstd'],
    ['brotli', 'br'],
  ] as const) {
    const read = spawnSync(program, ['-dc'], { input: encode(coding, 'fast', text) })
    // Where the program is not there, what is above has to do.
    if (read.error === undefined) t.strictSame(read.stdout, text, program)
  }
})

t.test('deflate with its frame and without (RFC 9110 8.4.1.2)', async t => {
  t.strictSame(await decode('deflate', zlib.deflateSync(text), 1e6), text)
  t.strictSame(await decode('deflate', zlib.deflateRawSync(text), 1e6), text)
  await t.rejects(decode('compress', text, 1e6), { code: 'damaged' })
})

t.test('a body longer than two mebibytes does not take seconds', async t => {
  const long = Buffer.concat(Array.from({ length: 80 }, () => text))
  t.ok(long.length > 2 * 1024 * 1024)
  t.strictSame(await decode('br', encode('br', 'best', long), 1e8), long)
})
