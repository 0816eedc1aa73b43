import t from 'tap'
import { Pages } from '../../cache/pages.js'
import { noise } from '../support/play.js'

function readAll(pages: Pages, from = 0): Buffer {
  const parts: Buffer[] = []
  for (let at = from; ; ) {
    const part = pages.read(at)
    if (part === undefined) return Buffer.concat(parts)
    parts.push(part)
    at += part.length
  }
}

t.test('Pages gives back what was appended, whatever the sizes', async t => {
  const body = noise(700_000)
  for (const promised of [undefined, body.length, 10]) {
    for (const size of [1_000, 4_096, 65_536, 700_000]) {
      const pages = new Pages(promised)
      for (let at = 0; at < body.length; at += size) pages.append(body.subarray(at, at + size))
      t.equal(pages.bytes, body.length)
      t.ok(pages.whole().equals(body), `${promised} in pieces of ${size}`)
      t.ok(readAll(pages).equals(body))
      t.ok(readAll(pages, 123_456).equals(body.subarray(123_456)))
    }
  }
})

t.test('Pages of a promised length is one piece, given out without a copy', async t => {
  const pages = new Pages(8)
  pages.append(Buffer.from('abcd'))
  const first = pages.read(0)
  pages.append(Buffer.from('efgh'))
  t.equal(first?.toString(), 'abcd', 'what was read stays as it was')
  t.equal(pages.read(4)?.toString(), 'efgh')
  t.equal(pages.whole().buffer, pages.read(0)?.buffer)
})

t.test('Pages has nothing to read where nothing came yet', async t => {
  const pages = new Pages(undefined)
  t.equal(pages.read(0), undefined)
  t.equal(pages.whole().length, 0)
  pages.append(Buffer.from('x'))
  t.equal(pages.read(1), undefined)
})

t.test('Pages does not take more memory for many small chunks', async t => {
  const pages = new Pages(undefined)
  const before = process.memoryUsage()
  for (let i = 0; i < 300_000; i += 1) pages.append(Buffer.from([i & 255]))
  const after = process.memoryUsage()
  t.equal(pages.bytes, 300_000)
  t.ok(after.arrayBuffers - before.arrayBuffers < 4 * 1024 * 1024)
})

t.test('dropBefore() lets go of whole pages and keeps places true', async t => {
  const body = noise(100_000)
  const pages = new Pages(undefined)
  for (let at = 0; at < body.length; at += 1_000) pages.append(body.subarray(at, at + 1_000))
  pages.dropBefore(50_000)
  t.ok(pages.keptFrom > 0 && pages.keptFrom <= 50_000, `${pages.keptFrom}`)
  t.ok(readAll(pages, 50_000).equals(body.subarray(50_000)))
  pages.dropBefore(100_000)
  t.ok(pages.keptFrom < 100_000, 'the page that is being filled stays')
  pages.append(Buffer.from('end'))
  t.equal(readAll(pages, 100_000).toString(), 'end')
})
