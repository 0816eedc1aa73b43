// Bodies that travel between real workers while they come: who follows in whatever worker reads along, whoever is slow,
// breaks off or dies.
import { readdirSync } from 'node:fs'
import t from 'tap'
import { bodyOf } from '../cache/segments/support.js'
import { groundOf, needsAddon } from '../shared/support/ground.js'
import { fresh } from '../support/herd.js'
import { cacheStatus } from '../support/play.js'
import type { Reading } from '../support/reading.js'
import { until } from '../support/supervise-until.js'
import { workersOf } from '../support/workers.js'

const mebibyte = 1024 * 1024
/** As join-host.ts has it: who opens the ground with another number sees another one. */
const fillSlots = 8_192
const collapsed = 'fwd=uri-miss; collapsed'

t.test('one host: who follows reads along', needsAddon, async t => {
  const cache = { directory: `${t.testdirName}/cache`, bytesMax: '256MiB' }
  const { edge, held, asks, active, clients, runDirectory } = await workersOf(t, {}, { cache })
  let pairs = [await clients(), await clients()]
  /** In the worker that leads, a second there, and two in the other one. */
  const places = () => [pairs[0][0], pairs[1][0], pairs[0][1], pairs[1][1]]
  const logs = () => readdirSync(runDirectory).filter(name => name.startsWith('fill-'))

  /** One leads, and three follow it; resolves when the origin was asked once and all wait. */
  const herd = async (target: string): Promise<Reading[]> => {
    held.length = 0
    const [leader, ...others] = places()
    const readings = [leader.open(target)]
    await asks(1)
    for (const other of others) readings.push(other.open(target))
    await active(4)
    return readings
  }
  const saidOf = async (reading: Reading) => cacheStatus({ headers: (await reading.head).headers } as never)

  await t.test('first bytes are everywhere while the origin holds the rest', async t => {
    for (const bytes of [4_096, 8 * mebibyte]) {
      for (const isKnown of [true, false]) {
        const row = `${bytes} bytes, ${isKnown ? 'known' : 'unknown'}`
        const body = bodyOf(row, bytes)
        const readings = await herd(`/first/${bytes}/${isKnown}`)
        const [{ response }] = held
        response.writeHead(200, { ...fresh, ...(isKnown && { 'Content-Length': bytes }) })
        for (let quarter = 1; quarter <= 4; quarter += 1) {
          const to = (bytes / 4) * quarter
          response.write(body.subarray(to - bytes / 4, to))
          // The origin holds the rest back until all have what it sent.
          for (const reading of readings) await reading.has(to)
        }
        response.end()
        for (const reading of readings) {
          t.equal(await reading.end, 'whole', row)
          t.ok(reading.body().equals(body), row)
        }
        for (const reading of readings.slice(1)) t.equal(await saidOf(reading), collapsed)
        t.equal(held.length, 1)
        await active(0)
      }
    }
  })

  await t.test('a slow follower in the other worker holds nobody up, and gets all', async t => {
    const body = bodyOf('slow', 24 * mebibyte)
    const readings = await herd('/slow')
    const slow = readings[3]
    slow.pause()
    held[0].response.writeHead(200, fresh).end(body)
    for (const reading of readings.slice(0, 3)) {
      t.equal(await reading.end, 'whole')
      t.ok(reading.body().equals(body))
    }
    t.ok(slow.body().length < body.length, 'still reading when the fill is over')
    slow.resume()
    t.equal(await slow.end, 'whole')
    t.ok(slow.body().equals(body))
    await active(0)
  })

  await t.test('the origin breaks off: all are cut, nothing is stored', async t => {
    for (const isKnown of [true, false]) {
      const readings = await herd(`/breaks/${isKnown}`)
      const [{ request, response }] = held
      response.writeHead(200, { ...fresh, ...(isKnown && { 'Content-Length': 1_000 }) })
      response.write('x'.repeat(500))
      for (const reading of readings) await reading.has(500)
      request.socket.destroy()
      for (const reading of readings) t.equal(await reading.end, 'broken')
      t.equal(held.length, 1)
      await active(0)
      const again = pairs[0][1].open(`/breaks/${isKnown}`)
      await asks(2)
      held[1].response.writeHead(200, fresh).end('whole')
      t.equal(await again.end, 'whole')
      t.equal(`${again.body()}`, 'whole')
      // Connections that were cut have come back to whatever worker.
      pairs = [await clients(), await clients()]
    }
  })

  await t.test('not for all: who waited asks, in parallel', async t => {
    const readings = await herd('/private')
    held[0].response.writeHead(200, { 'Cache-Control': 'private' }).end('0')
    await asks(4)
    for (const [at, { response }] of held.slice(1).entries()) {
      response.writeHead(200, { 'Cache-Control': 'private' }).end(`${at + 1}`)
    }
    for (const reading of readings) t.equal(await reading.end, 'whole')
    t.strictSame(readings.map(reading => `${reading.body()}`).sort(), ['0', '1', '2', '3'])
    await active(0)
  })

  await t.test('another variant asks itself, HEAD has the head', async t => {
    held.length = 0
    const [leader, , other, third] = places()
    const first = leader.open('/vary')
    await asks(1)
    const varied = other.open('/vary', { headers: { 'accept-language': 'ha' } })
    // A HEAD follows, but never leads: somebody must wait in its worker before it comes.
    await active(2)
    const head = third.open('/vary', { method: 'HEAD' })
    await active(3)
    const fields = { ...fresh, Vary: 'Accept-Language', 'Content-Length': 3 }
    held[0].response.writeHead(200, fields).write('on')
    await asks(2)
    t.equal(held[1].request.headers['accept-language'], 'ha')
    t.equal(await head.end, 'whole')
    t.match((await head.head).headers, { 'content-length': '3' })
    t.equal(await saidOf(head), collapsed)
    held[1].response.writeHead(200, fields).end('biy')
    held[0].response.end('e')
    t.strictSame([await first.end, await varied.end], ['whole', 'whole'])
    t.strictSame([`${first.body()}`, `${varied.body()}`], ['one', 'biy'])
    await active(0)
  })

  await t.test('a reload in the middle: who reads gets all', async t => {
    const readings = await herd('/reload')
    held[0].response.writeHead(200, fresh).write('before ')
    for (const reading of readings) await reading.has(7)
    const { configReloads } = await edge.status()
    edge.child.kill('SIGHUP')
    await until(async () => ((await edge.status()).configReloads > configReloads ? true : undefined))
    held[0].response.end('and after')
    for (const reading of readings) {
      t.equal(await reading.end, 'whole')
      t.equal(`${reading.body()}`, 'before and after')
    }
    await active(0)
  })

  await t.test('nothing is left: no log, no slot', async t => {
    await until(() => (logs().length === 0 ? true : undefined))
    const { fills } = groundOf(t, runDirectory, { slots: fillSlots })
    // What was not for all is remembered as such; it is nobody's.
    const { free, unshared, ...used } = fills.census()
    t.equal(free + unshared, fillSlots)
    t.strictSame(
      Object.values(used).filter(count => count > 0),
      [],
    )
  })

  for (const isBegun of [false, true]) {
    const when = isBegun ? 'after bytes were sent: all are cut' : 'before the head: one of the others asks'
    await t.test(`the worker that leads is killed ${when}`, async t => {
      const target = `/killed/${isBegun}`
      const [leader] = await clients()
      const [one, other] = [await clients(), await clients()].map(
        each => each.find(({ pid }) => pid !== leader.pid)!,
      )
      held.length = 0
      const lost = leader.open(target)
      await asks(1)
      const followers = [one.open(target), other.open(target)]
      await active(3)
      if (isBegun) {
        held[0].response.writeHead(200, { ...fresh, 'Content-Length': 1_000 }).write('x'.repeat(500))
        for (const reading of [lost, ...followers]) await reading.has(500)
      }
      const killedMs = performance.now()
      process.kill(leader.pid, 'SIGKILL')
      t.equal(await lost.end, 'broken')
      if (isBegun) {
        for (const reading of followers) t.equal(await reading.end, 'broken')
        t.comment(`cut after ${Math.round(performance.now() - killedMs)} ms`)
        t.equal(held.length, 1)
      } else {
        await asks(2)
        t.comment(`handed over after ${Math.round(performance.now() - killedMs)} ms`)
        held[1].response.writeHead(200, fresh).end('after all')
        for (const reading of followers) {
          t.equal(await reading.end, 'whole')
          t.equal(`${reading.body()}`, 'after all')
        }
        t.equal(held.length, 2)
      }
      await until(async () => {
        const { workers } = await edge.status()
        return workers.every(({ pid, state }) => pid !== leader.pid && state === 'ready') || undefined
      })
      await until(() => (logs().length === 0 ? true : undefined))
      const { fills } = groundOf(t, runDirectory, { slots: fillSlots })
      await until(() => (fills.owners().size === 0 && fills.census().orphaned === 0 ? true : undefined))
    })
  }
})
