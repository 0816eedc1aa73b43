import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { openStore } from '../../cache/bodied-store.js'
import { writeBody } from '../../cache/place-body.js'
import { appendRules } from '../../cache/purges/log.js'
import { blockKey, newSliceMap } from '../../cache/slices.js'
import { encodeVariants } from '../../cache/variants.js'
import type { Inspection } from '../../inspect/arguments.js'
import { inspect } from '../../inspect/inspect.js'
import { IndexGauge } from '../../keep/index-gauge.js'
import { needsAddon } from '../shared/support/ground.js'
import { draftRecord, indexBytes } from '../support/purged-index.js'
import { configUnder } from '../support/supervise-config.js'

const bytesMax = 8 * indexBytes
const sites = [
  { name: 'one', hosts: ['one.example'], origins: ['http://127.0.0.1:9'] },
  { name: 'two', hosts: ['two.example'], origins: ['http://127.0.0.1:9'] },
]
const ever = { freshUntilMs: 4e12 }

/** A cache with two small responses, one of which varies, one in a segment, one that is purged, and a list. */
async function cacheOf(t: Test, more: readonly ReturnType<typeof draftRecord>[] = []) {
  const directory = t.testdir()
  const config = configUnder(directory, { cache: { directory, bytesMax }, sites })
  const log = (_: string, message: string) => t.fail(message)
  const limits = {
    hotBytesMax: 0,
    writeQueueBytesMax: 1e7,
    diskReadsMax: 1,
    evictedReadMaxMs: 0,
    closeTimeoutMs: 60_000,
    workers: 1,
  }
  const store = openStore({ directory, bytesMax, log, ...limits })
  const place = await writeBody(store.bodies!.segments, Buffer.alloc(100_000, 'x'))
  const entries = [
    draftRecord({ key: 'http one one.example/a', tags: ['red'], ...ever }),
    draftRecord({ key: 'http one one.example/b\ng\nx', varyNames: ['accept'], fence: 9 }),
    draftRecord({ key: 'http one one.example/large', content: place, fence: 9, ...ever }),
    draftRecord({ key: 'http two two.example/', fence: 0, ...ever }),
    ...more,
  ]
  await Promise.all(entries.map(({ key, record }) => store.put(key, record)))
  await store.put('http one one.example/b', encodeVariants({ variants: [], storedAtMs: 1 }))
  await store.close()
  const index = new IndexGauge(directory, indexBytes)
  const rule = { kind: 'site', site: 'two', item: '', isSoft: false, atMs: 1 } as const
  appendRules(index.open(), [rule], 4)
  await index.close()
  const run = async (inspection: Inspection, isJson = false) => {
    const lines: string[] = []
    const notes: string[] = []
    const output = {
      isJson,
      line: (text: string) => void lines.push(text),
      note: (text: string) => void notes.push(text),
    }
    const code = await inspect(inspection, config, output)
    return { code, lines, notes }
  }
  return { directory, run }
}

const ls = { action: 'ls', site: undefined, prefix: undefined, limit: 100 } as const

t.test('ls lists what is stored, of a site, below a prefix, so many', needsAddon, async t => {
  const { run } = await cacheOf(t)
  const { code, lines } = await run(ls)
  t.equal(code, 0)
  t.equal(lines.length, 4)
  t.match(lines[0], /^200 {9}20 fresh .* http:\/\/one\.example\/a tags=red$/)
  t.match(lines[1], /stale .*\/b variant=g x$/)
  t.match(lines[2], /^200 {5}100000 fresh .*\/large$/)
  t.match(lines[3], /purged +http:\/\/two\.example\/$/)
  t.equal((await run({ ...ls, site: 'two' })).lines.length, 1)
  t.equal((await run({ ...ls, prefix: 'http://one.example/l' })).lines.length, 1)
  const few = await run({ ...ls, limit: 2 }, true)
  t.match(few.notes, [/the first 2/])
  t.match(
    few.lines.map(line => JSON.parse(line)),
    [
      { url: 'http://one.example/a', site: 'one', variant: null, status: 200, state: 'fresh', tags: ['red'] },
      { variant: 'g x', state: 'stale', freshUntil: '1970-01-01T00:16:40.000Z' },
    ],
  )
})

t.test('ls and get refuse what is not of this configuration', needsAddon, async t => {
  const { run } = await cacheOf(t)
  const wrong: Inspection[] = [
    { ...ls, site: 'three' },
    { ...ls, prefix: '/a' },
    { ...ls, prefix: 'http://three.example/' },
    { ...ls, site: 'one', prefix: 'http://two.example/' },
    { action: 'get', url: 'a' },
    { action: 'get', url: 'http://three.example/' },
  ]
  for (const inspection of wrong)
    t.match(await run(inspection), { code: 1, lines: [], notes: [/^(ls|get|--)/] })
})

t.test('get shows all that is stored for a URL', needsAddon, async t => {
  const { run } = await cacheOf(t)
  const { lines } = await run({ action: 'get', url: 'https://one.example/b' })
  t.equal(lines.length, 1)
  t.match(lines[0], /^url: http:\/\/one\.example\/b\nvariant: g x\nstate: stale\nbody: in the index\n/)
  const large = await run({ action: 'get', url: 'http://one.example/large' }, true)
  t.match(JSON.parse(large.lines[0]!), { body: /^in segment \d/, bodyBytes: 100_000, state: 'fresh' })
  const none = await run({ action: 'get', url: 'http://one.example/none' })
  t.match(none, { code: 0, lines: [], notes: [/nothing is stored/] })
})

t.test('stat adds up', needsAddon, async t => {
  const { run } = await cacheOf(t)
  const { lines } = await run({ action: 'stat' }, true)
  t.match(JSON.parse(lines[0]!), {
    index: { entries: 5 },
    segments: { files: 1 },
    bytesMax,
    purges: { inForce: 1, sequence: 5, floor: 0 },
    sites: [
      { site: 'one', responses: 3, variants: 1, fresh: 2, stale: 1, purged: 0 },
      { site: 'two', responses: 1, variants: 0, fresh: 0, stale: 0, purged: 1 },
    ],
  })
  const text = (await run({ action: 'stat' })).lines
  t.match(text[0], /^cache: [\d,]+ of 134,217,728 bytes$/)
  t.match(
    text.at(-1),
    /^site two: 1 responses \(0 variants\), 0 fresh, 0 stale, 1 purged, 20 bytes of bodies$/,
  )
})

t.test('an object in blocks is one response, and says how much of it is there', needsAddon, async t => {
  const map = newSliceMap(25_000_000, 1_000_000)
  const key = 'http one one.example/film'
  const { run } = await cacheOf(t, [
    draftRecord({ key, content: map, fence: 9, ...ever }),
    draftRecord({ key: blockKey(key, map, 0), fence: 9 }),
    draftRecord({ key: blockKey(key, map, 7), fence: 9 }),
  ])
  const { lines } = await run({ ...ls, prefix: 'http://one.example/film' })
  t.equal(lines.length, 1)
  t.match(lines[0], /^200 {3}25000000 fresh .*\/film in blocks of 1000000$/)
  const { lines: got } = await run({ action: 'get', url: 'http://one.example/film' })
  t.match(got[0], /\nbody: 2 of 25 blocks of 1000000 bytes\n/)
  const { lines: totals } = await run({ action: 'stat' })
  t.match(totals.at(-2), /^site one: 4 responses .* 0 purged, 2 blocks, [\d,]+ bytes of bodies$/)
})

t.test('verify reads everything, and names what is damaged', needsAddon, async t => {
  const { run, directory } = await cacheOf(t)
  t.match(await run({ action: 'verify' }), { code: 0, lines: [/^5 entries, [\d,]+ bytes read: 0 damaged/] })
  const file = `${directory}/segments/${readdirSync(`${directory}/segments`)[0]}`
  const sound = readFileSync(file)
  const bytes = Buffer.from(sound)
  bytes[5_000] ^= 1
  writeFileSync(file, bytes)
  const { code, lines } = await run({ action: 'verify' })
  t.equal(code, 3)
  t.match(lines, [/^damaged: http:\/\/one\.example\/large: the body in segment/, /1 damaged/])
  truncateSync(file, 4_000)
  t.match(await run({ action: 'verify' }, true), { code: 3, lines: [/"fault":"the body/, /"damaged":1/] })
  rmSync(file)
  t.match(await run({ action: 'verify' }), { code: 0, lines: [/0 damaged, 1 without a body/] })
})

t.test('inspect() says when there is no cache, or none that can be read', async t => {
  const directory = t.testdir()
  const config = configUnder(directory, { cache: { directory, bytesMax }, sites })
  const notes: string[] = []
  const output = {
    isJson: false,
    line: (text: string) => t.fail(text),
    note: (text: string) => void notes.push(text),
  }
  t.equal(await inspect({ action: 'stat' }, config, output), 2)
  mkdirSync(`${directory}/index`)
  writeFileSync(`${directory}/index/data.mdb`, 'no index')
  t.equal(await inspect({ action: 'stat' }, config, output), 3)
  t.match(notes, [/there is no cache/, /is damaged/])
})
