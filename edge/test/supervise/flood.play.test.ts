// More than the cache holds, faster than it leaves: nobody fails, the directory stays below its cap, and what comes is
// stored again. Longer: NAIJ_FLOOD_BODIES.
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabases } from '../../cache/databases.js'
import { listIds } from '../../cache/segments/directory.js'
import { indexBytesMaxOf } from '../../cache/segments/sizes.js'
import { placeOf } from '../../keep/lodgers.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { get } from '../support/client.js'
import { startOrigin } from '../support/origin.js'
import { cacheStatus, noise } from '../support/play.js'
import { smallDisk, withoutSmallDisks } from '../support/small-disk.js'
import { realMain, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const mebibyte = 1024 * 1024
const diskBytes = 64 * mebibyte
const bodies = Number(process.env.NAIJ_FLOOD_BODIES ?? 250)
const lanes = 16
const sizes = [500, 1_900, 40_000, 300_000, 900_000]
const body = noise(sizes.at(-1)!)

async function flooded(t: Test, bytesMax: number) {
  const directory = join(smallDisk(t, diskBytes), 'cache')
  const origin = await startOrigin(t, (request, response) => {
    const bytes = body.subarray(0, Number(request.url?.split('/')[1]))
    response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Content-Length': bytes.length }).end(bytes)
  })
  const sites = [{ name: 'play', hosts: ['*'], origins: [origin.url], cache: { admitAfter: 1 } }]
  const edge = startEdge(
    t,
    { workers: 2, sites, run: { directory: runDirectoryOf(t) }, cache: { directory, bytesMax } },
    realMain,
  )
  const port = Number(new URL(await edge.url()).port)
  const ask = (target: string) => get(port, target, { headers: { host: 'a', connection: 'keep-alive' } })
  let next = 0
  let wrong = 0
  const lane = async (): Promise<void> => {
    for (let number = next++; number < bodies; number = next++) {
      const bytes = sizes[number % sizes.length]
      const reply = await ask(`/${bytes}/${number}`)
      if (reply.status !== 200 || !reply.body.equals(body.subarray(0, bytes))) wrong += 1
    }
  }
  let highest = 0
  const sampling = setInterval(() => {
    highest = Math.max(highest, takenBy(directory))
  }, 20)
  await Promise.all(Array.from({ length: lanes }, lane)).finally(() => clearInterval(sampling))
  t.equal(wrong, 0, `of ${bodies} answers`)
  // It goes on by itself: something new is stored, and hit.
  await until(async () => {
    const target = `/300000/${next++}`
    await ask(target)
    return cacheStatus(await ask(target)).startsWith('hit') || undefined
  })
  await until(async () => straysIn(directory, bytesMax) === 0 || undefined)
  return highest
}

/** Entries whose bodies have left without them: soon there are none. */
function straysIn(directory: string, bytesMax: number): number {
  const { root, entries } = openDatabases(directory, indexBytesMaxOf(bytesMax))
  try {
    const there = new Set(listIds(join(directory, 'segments')))
    const places = [...entries.getRange({ start: '' })].map(({ value }) => placeOf(Buffer.from(value)))
    return places.filter(place => place !== undefined && !there.has(place.segment)).length
  } finally {
    root.close()
  }
}

function takenBy(directory: string): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const status = entry.isFile()
      ? lstatSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })
      : undefined
    bytes += (status?.blocks ?? 0) * 512
  }
  return bytes
}

const notRoot = { skip: needsAddon.skip || withoutSmallDisks }

t.test('a disk that is smaller than the cap: what is old makes room for what is new', notRoot, async t => {
  await flooded(t, 1024 * mebibyte)
})

t.test('a cap that is smaller than the disk holds at every moment', notRoot, async t => {
  const highest = await flooded(t, 32 * mebibyte)
  t.ok(highest <= 32 * mebibyte, `${(highest / mebibyte).toFixed(1)} MiB at most`)
  t.ok(highest > 20 * mebibyte, 'and is used')
})
