// What an operator finds when the directories under an edge are full or hold what they should not: a clear line, and an
// edge that serves.
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fillSlots } from '../../shared/join.js'
import { layoutOf } from '../../shared/layout.js'
import { readBootId } from '../../shared/zones.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { fresh } from '../support/herd.js'
import { easeDisk, fillDisk, smallDisk, withoutSmallDisks } from '../support/small-disk.js'
import { until } from '../support/supervise-until.js'
import { type Workers, workersOf } from '../support/workers.js'

const zonesFile = `zones-${layoutOf(fillSlots).name}-${readBootId()}`
const small = Buffer.from('a small body')
const large = Buffer.alloc(300_000, 'large')

/** A miss, answered by the origin with `body`. */
async function miss({ held, ask, asks }: Workers, target: string, body: Buffer) {
  held.length = 0
  const reply = ask(target)
  await asks(1)
  held[0]!.response.writeHead(200, { ...fresh, 'Content-Length': body.length }).end(body)
  return reply
}

/** It is stored: asked again, some time, it comes without the origin. */
async function keeps(t: Test, workers: Workers, target: string, body: Buffer): Promise<void> {
  t.ok((await miss(workers, target, body)).body.equals(body), `${target} came whole`)
  await until(async () => {
    workers.held.length = 0
    let isAnswered = false
    const reply = workers.ask(target).finally(() => {
      isAnswered = true
    })
    await until(() => isAnswered || workers.held.length === 1 || undefined)
    const isHit = workers.held.length === 0
    workers.held[0]?.response.writeHead(200, { ...fresh, 'Content-Length': body.length }).end(body)
    t.ok((await reply).body.equals(body), `${target} came whole again`)
    return isHit || undefined
  })
}

/** Two workers are asked for the same at once: the origin is asked so often. */
async function asksOnce(t: Test, workers: Workers, target: string, times: number): Promise<void> {
  const { held, clients, asks, active } = workers
  held.length = 0
  const replies = (await clients()).map(({ ask }) => ask(target))
  await active(2)
  await asks(times)
  for (const { response } of held) response.writeHead(200, fresh).end(small)
  for (const reply of replies) t.equal((await reply).text, `${small}`)
  t.equal(held.length, times, `${target} was asked for`)
}

const notRoot = { skip: needsAddon.skip || withoutSmallDisks }

t.test('a full run directory', notRoot, async t => {
  const directory = smallDisk(t, 256 * 1024)
  fillDisk(directory)
  const workers = await workersOf(t, {}, { run: { directory } })
  const { err } = (await workers.edge.logged('does not share its fetches')) as { err: { message: string } }
  t.match(err.message, /run\.directory: .*(ENOSPC|no space)/i)
  t.ok(err.message.includes(directory))
  await asksOnce(t, workers, '/together', 2)
  await keeps(t, workers, '/small', small)
  await keeps(t, workers, '/large', large)
})

t.test('a run directory that fills while the edge runs', notRoot, async t => {
  const directory = smallDisk(t, 4 * 1024 * 1024)
  const workers = await workersOf(t, {}, { run: { directory } })
  await asksOnce(t, workers, '/together', 1)
  fillDisk(directory)
  await keeps(t, workers, '/small', small)
  await keeps(t, workers, '/large', large)
  await asksOnce(t, workers, '/together/again', 1)
})

t.test('a full cache directory', notRoot, async t => {
  const directory = smallDisk(t, 32 * 1024 * 1024)
  fillDisk(directory)
  const workers = await workersOf(t, {}, { cache: { directory, bytesMax: '16MiB' } })
  t.match(await workers.edge.logged('nothing is stored'), { level: 40 })
  t.ok((await miss(workers, '/small', small)).body.equals(small))
  t.ok((await miss(workers, '/large', large)).body.equals(large))
  easeDisk(directory)
  await keeps(t, workers, '/small', small)
  await keeps(t, workers, '/large', large)
})

t.test('a cache directory that fills while the edge runs', notRoot, async t => {
  const directory = smallDisk(t, 32 * 1024 * 1024)
  const workers = await workersOf(t, {}, { cache: { directory, bytesMax: '16MiB' } })
  await keeps(t, workers, '/before', large)
  fillDisk(directory)
  for (let number = 0; number < 60; number += 1) {
    const reply = await miss(workers, `/${number}`, large)
    if (!reply.body.equals(large)) t.fail(`/${number} did not come whole`)
  }
  t.equal(workers.edge.child.exitCode, null)
  easeDisk(directory)
  await keeps(t, workers, '/after', large)
})

t.test('zones that cannot be used', needsAddon, async t => {
  const rows: [what: string, spoil: (path: string) => void, why: RegExp][] = [
    ['truncated', path => writeFileSync(path, Buffer.alloc(5_000)), /5000/],
    ['of another layout under this name', path => spoilt(path), /first bytes/],
  ]
  for (const [what, spoil, why] of rows) {
    await t.test(what, async t => {
      const directory = runDirectoryOf(t)
      const path = join(directory, zonesFile)
      spoil(path)
      const ofOtherVersion = zonesFile.replace(/-[0-9a-f]{8}-/, '-01234567-')
      writeFileSync(join(directory, ofOtherVersion), 'x')
      const workers = await workersOf(t, {}, { run: { directory } })
      t.match(await workers.edge.logged('could not be used'), { level: 40, path, why })
      t.notOk(readdirSync(directory).includes(ofOtherVersion), 'what nobody uses is gone')
      await asksOnce(t, workers, '/together', 1)
    })
  }
})

function spoilt(path: string): void {
  writeFileSync(path, Buffer.alloc(layoutOf(fillSlots).bytes, 7))
}

t.test('zones that somebody truncates under running workers', needsAddon, async t => {
  const workers = await workersOf(t)
  const path = join(workers.runDirectory, zonesFile)
  await asksOnce(t, workers, '/before', 1)
  truncateSync(path, 0)
  // Whoever looks at them dies of it; who comes next makes new ones.
  await until(() => statSync(path).size > 0 || undefined)
  await until(async () => {
    const { workers: slots, state } = await workers.edge.status()
    return (state === 'running' && slots.every(({ state }) => state === 'ready')) || undefined
  })
  await keeps(t, workers, '/after', large)
})
