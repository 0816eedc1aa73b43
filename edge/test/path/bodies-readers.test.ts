// What becomes of a body in a segment when who reads it is slow or leaves, and when the cache cannot be written to.
import { rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import t from 'tap'
import { needsAddon } from '../shared/support/ground.js'
import {
  body,
  give,
  host,
  mebibyte,
  onDisk,
  removeSegments,
  type Script,
  stored,
  validator,
} from '../support/on-disk.js'
import { cacheStatus, digest, noise, until } from '../support/play.js'
import { readingOf } from '../support/reading.js'

t.test('who asked first is slow: who follows and the store do not wait for him', needsAddon, async t => {
  const large = noise(32 * mebibyte)
  let goOn = (): void => {}
  const stage = await onDisk(t, (_, response) => {
    response.writeHead(200, { ...validator, 'Cache-Control': 'max-age=60' })
    response.write(large.subarray(0, mebibyte))
    goOn = () => void response.end(large.subarray(mebibyte))
  })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const slow = readingOf(stage.edge.port, '/', agent)
  slow.pause()
  await slow.head
  const followers = [1, 2, 3].map(() => readingOf(stage.edge.port, '/', agent))
  for (const follower of followers) await follower.has(mebibyte)
  goOn()
  for (const follower of followers) {
    t.equal(await follower.end, 'whole')
    t.equal(digest(follower.body()), digest(large))
    t.match((await follower.head).headers['cache-status'], /collapsed/)
  }
  await stored(stage)
  t.equal(stage.edge.counters().active, 1)
  slow.resume()
  t.equal(await slow.end, 'whole')
  t.equal(digest(slow.body()), digest(large))
  t.equal(stage.origin.asked.length, 1)
})

t.test('a slow reader gets the part he asked for of a body that left meanwhile', needsAddon, async t => {
  const large = noise(32 * mebibyte)
  const stage = await onDisk(t, (_, response) => {
    const fields = { ...validator, 'Cache-Control': 'max-age=60', 'Content-Length': String(large.length) }
    response.writeHead(200, fields).end(large)
  })
  await stage.ask('/', host)
  await stored(stage)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const reading = readingOf(stage.edge.port, '/', agent, { headers: { range: 'bytes=7-' } })
  reading.pause()
  t.equal((await reading.head).statusCode, 206)
  removeSegments(stage)
  reading.resume()
  t.equal(await reading.end, 'whole')
  t.equal(digest(reading.body()), digest(large.subarray(7)))
})

t.test('the only client leaves in the middle: what is to be stored comes to its end', needsAddon, async t => {
  const large = noise(4 * mebibyte)
  let goOn = (): void => {}
  const stage = await onDisk(t, (_, response) => {
    response.writeHead(200, { ...validator, 'Cache-Control': 'max-age=60' })
    response.write(large.subarray(0, 2 * mebibyte))
    goOn = () => void response.end(large.subarray(2 * mebibyte))
  })
  const agent = new Agent({ keepAlive: true })
  const reading = readingOf(stage.edge.port, '/', agent)
  await reading.has(2 * mebibyte)
  agent.destroy()
  t.equal(await reading.end, 'broken')
  goOn()
  await stored(stage)
  await stage.edge.idle()
  const hit = await stage.ask('/', host)
  t.match(cacheStatus(hit), /^hit/)
  t.equal(digest(hit.body), digest(large))
  t.equal(stage.origin.asked.length, 1)
})

t.test(
  'the only client leaves in the middle: what is too large to be stored is given up',
  needsAddon,
  async t => {
    const large = noise(4 * mebibyte)
    let isGivenUp = false
    const script: Script = (_, response) => {
      response.on('close', () => {
        isGivenUp = true
      })
      response.writeHead(200, { ...validator, 'Cache-Control': 'max-age=60' })
      const more = (): void => {
        while (!isGivenUp && response.write(large));
      }
      response.on('drain', more)
      more()
    }
    const stage = await onDisk(t, script, { objectBytesMax: mebibyte })
    const agent = new Agent({ keepAlive: true })
    const reading = readingOf(stage.edge.port, '/', agent)
    await reading.has(8 * mebibyte)
    agent.destroy()
    await until(() => isGivenUp)
    await stage.edge.idle()
    t.equal(stage.edge.counters().cacheEntries, 0)
  },
)

t.test('a cache that cannot be written to costs nobody a byte', needsAddon, async t => {
  const stage = await onDisk(t, (_, response) => give(response, { 'Cache-Control': 'max-age=60' }))
  rmSync(stage.segments, { recursive: true })
  writeFileSync(stage.segments, 'in the way')
  for (let turn = 1; turn <= 2; turn += 1) {
    const reply = await stage.ask('/', host)
    t.equal(digest(reply.body), digest(body))
    t.match(cacheStatus(reply), /uri-miss/)
    await stage.edge.idle()
  }
  t.equal(stage.edge.counters().cacheEntries, 0)
})
