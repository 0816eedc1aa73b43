import t, { type Test } from 'tap'
import { readSiteBytes } from '../../cache/site-bytes.js'
import { SiteCount } from '../../keep/site-count.js'
import { needsAddon } from '../shared/support/ground.js'
import { draftRecord, indexOf } from '../support/purged-index.js'
import { configUnder } from '../support/supervise-config.js'

const origins = ['http://127.0.0.1:9']
const place = (segment: number) => ({
  segment,
  extents: [[64, 50_000]] as [number, number][],
  bytes: 50_000,
  crc: 1,
})

async function countOf(t: Test, limits: object) {
  const directory = t.testdir()
  const { sites } = configUnder(directory, {
    cache: { directory },
    sites: [
      { name: 'shop', hosts: ['shop.example'], origins, cache: limits },
      { name: 'blog', hosts: ['blog.example'], origins },
    ],
  })
  const entries = [
    { key: 'http shop shop.example/a', content: place(1) },
    { key: 'http shop shop.example/gone', content: place(2) },
    ...Array.from({ length: 300 }, (_, at) => ({ key: `http blog blog.example/${at}` })),
  ]
  const { index } = await indexOf(t, entries, directory)
  const records = entries.map(draftRecord)
  const lines: string[] = []
  const count = new SiteCount({
    cacheDirectory: directory,
    sites,
    databases: () => index.open(),
    segments: async () => new Set([1]),
    log: (_level, message) => void lines.push(message),
  })
  return { count, directory, lines, records }
}

t.test('bytes of each site: records, and bodies in segments that are there', needsAddon, async t => {
  const { count, directory, lines, records } = await countOf(t, { bytesMin: '1MiB' })
  t.equal(count.isFavoured('http shop shop.example/a'), false, 'not before it was counted')
  await Promise.all([count.tend(), count.tend()])
  const bytes = await readSiteBytes(directory)
  const recordBytes = records.map(({ key, record }) => key.length + record.length)
  t.equal(bytes?.shop, recordBytes[0] + recordBytes[1] + 50_000)
  t.equal(
    bytes?.blog,
    recordBytes.slice(2).reduce((sum, each) => sum + each, 0),
  )
  t.equal(count.isFavoured('http shop shop.example/a'), true)
  t.equal(count.isFavoured('http blog blog.example/1'), false)
  await count.stop()
  t.strictSame(lines, [])
})

t.test('nothing is counted where no site has a floor or a ceiling', needsAddon, async t => {
  const { count, directory } = await countOf(t, {})
  await count.tend()
  t.equal(await readSiteBytes(directory), undefined)
})
