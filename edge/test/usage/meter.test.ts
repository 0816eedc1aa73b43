import t from 'tap'
import { type UsageField, usageFields } from '../../../config/usage-fields.js'
import type { Exchange } from '../../exchange.js'
import { Meter, noPlace } from '../../usage/meter.js'
import { readUsage, usageFilesIn } from '../../usage/usage-file.js'
import { needsAddon } from '../shared/support/ground.js'

const hourMs = 3_600_000
const silent = { error: () => {} } as never

function exchange(
  site: { name: string; place: ReturnType<typeof noPlace> },
  more: Record<string, unknown> = {},
) {
  const responder = { headBytesOut: 100, bodyBytesOut: 1_000 }
  return {
    site,
    nowMs: 5 * hourMs,
    status: 200,
    result: 'hit',
    responder,
    upload: undefined,
    ...more,
  } as unknown as Exchange
}

function rowsIn(directory: string) {
  return usageFilesIn(directory).flatMap(id =>
    readUsage(directory, id)!.map(({ site, hour, totals }) => {
      const counted = usageFields.flatMap((name, at) => (totals[at] === 0 ? [] : [[name, totals[at]]]))
      return { site, hour, ...(Object.fromEntries(counted) as Partial<Record<UsageField, number>>) }
    }),
  )
}

t.test('each site by the hour', needsAddon, async t => {
  const directory = `${t.testdir()}/usage`
  const meter = new Meter({ directory, bytesMax: 1e9, log: silent })
  const [a, b] = [
    { name: 'a', place: noPlace() },
    { name: 'b', place: noPlace() },
  ]
  meter.count(exchange(a), true)
  meter.count(exchange(a, { status: 404, result: 'miss', upload: { bytesIn: 7 } }), false)
  meter.count(exchange(b, { status: 999, result: 'pass' }), true)
  // A site that was swapped for another of its name goes on in its row, and so does what began before the hour was over.
  meter.count(exchange({ name: 'a', place: noPlace() }, { result: 'stale' }), true)
  meter.count(exchange(a, { nowMs: 6 * hourMs }), true)
  meter.count(exchange(a), true)
  meter.count(exchange(a, { site: undefined }), true)
  meter.add(exchange(b), 10, 20)
  t.strictSame(rowsIn(directory), [
    {
      ...{ site: 'a', hour: 5, requests: 4, bytesIn: 7, bytesOut: 4_400, bytesSaved: 3_300, aborted: 1 },
      ...{ status2xx: 3, status4xx: 1, hit: 2, stale: 1, miss: 1 },
    },
    { site: 'b', hour: 5, requests: 1, bytesIn: 10, bytesOut: 1_120, status5xx: 1, pass: 1 },
    { site: 'a', hour: 6, requests: 1, bytesOut: 1_100, bytesSaved: 1_100, status2xx: 1, hit: 1 },
  ])
  meter.count(exchange(a, { nowMs: 9 * hourMs }), true)
  meter.count(exchange(a), true)
  t.equal(
    rowsIn(directory).filter(({ site, hour }) => site === 'a' && hour === 5).length,
    2,
    'long past: a further row',
  )
  t.equal(meter.lost, 0)
  meter.close()
})

t.test('more than a file has room for goes on in another', needsAddon, async t => {
  const directory = `${t.testdir()}/usage`
  const meter = new Meter({ directory, bytesMax: 1e9, log: silent })
  const site = { name: 'a', place: noPlace() }
  const sites = 8_200
  for (let at = 0; at < sites; at += 1) meter.count(exchange({ name: `s${at}`, place: noPlace() }), true)
  meter.count(exchange(site), true)
  t.equal(usageFilesIn(directory).length, 2)
  t.equal(
    rowsIn(directory).reduce((sum, { requests = 0 }) => sum + requests, 0),
    sites + 1,
  )
  meter.close()
})

t.test('where there is no room nothing is counted, and it is said once in a while', needsAddon, async t => {
  const lines: unknown[] = []
  const log = { error: (_: unknown, text: string) => void lines.push(text) } as never
  const meter = new Meter({ directory: `${t.testdir()}/usage`, bytesMax: 0, log })
  const site = { name: 'a', place: noPlace() }
  for (let at = 0; at < 5; at += 1) meter.count(exchange(site), true)
  meter.add(exchange(site), 1, 1)
  t.strictSame([meter.lost, lines], [5, ['what sites use is not counted']])
  meter.close()
})
