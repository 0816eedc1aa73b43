import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { readSiteBytes, writeSiteBytes } from '../../cache/site-bytes.js'
import { SiteQuotas } from '../../cache/site-quotas.js'

const body = Buffer.alloc(9_500)

t.test('a site is full by what was counted, and by what came since', async t => {
  const directory = t.testdir()
  const lines: string[] = []
  const log = (_level: string, message: string) => void lines.push(message)
  const quotas = new SiteQuotas({ cacheDirectory: directory, workers: 2, log })
  t.equal(quotas.isFull('shop', 1), false)
  await writeSiteBytes(directory, { shop: 100_000, blog: 5 })
  await quotas.read()
  t.strictSame([quotas.isFull('shop', 100_000), quotas.isFull('shop', 130_000)], [true, false])
  // 10,000 here, and as much in the other worker, each time.
  quotas.add('shop', body)
  t.equal(quotas.isFull('shop', 130_000), false)
  quotas.add('shop', body)
  t.equal(quotas.isFull('shop', 130_000), true)
  t.equal(quotas.isFull('blog', 130_000), false)
  await quotas.read()
  t.equal(quotas.isFull('shop', 130_000), true, 'the same count says nothing new')
  await writeSiteBytes(directory, { shop: 90_000, blog: 5 })
  await quotas.read()
  t.equal(quotas.isFull('shop', 130_000), false)
  quotas.add('shop', { segment: 1, extents: [], bytes: 39_500, crc: 0 })
  t.equal(quotas.isFull('shop', 130_000), true)
  quotas.add('blog', { id: 'x', sliceBytes: 1, bytes: 1e12 })
  t.equal(quotas.isFull('blog', 130_000), false, 'blocks count for themselves')
  t.strictSame(lines, [])
})

t.test('a file that is no count is said, and what was known goes on to count', async t => {
  const directory = t.testdir()
  const lines: string[] = []
  const log = (_level: string, message: string) => void lines.push(message)
  const quotas = new SiteQuotas({ cacheDirectory: directory, workers: 1, log })
  await writeSiteBytes(directory, { shop: 100 })
  await quotas.read()
  writeFileSync(`${directory}/sites-v1.json`, '{')
  await quotas.read()
  t.match(lines, [/could not be read/])
  t.equal(quotas.isFull('shop', 100), true)
  writeFileSync(`${directory}/sites-v1.json`, '{"shop":"x","blog":7}')
  t.strictSame(await readSiteBytes(directory), { blog: 7 })
  t.equal(await readSiteBytes(`${directory}/none`), undefined)
  t.match(readFileSync(`${directory}/sites-v1.json`, 'utf8'), /blog/)
})
