// http-rules.md K 37 with real workers: one request to the origin for all of them, whoever dies.
import t from 'tap'
import { needsAddon } from '../shared/support/ground.js'
import { fresh } from '../support/herd.js'
import { cacheStatus, noise } from '../support/play.js'
import { until } from '../support/supervise-until.js'
import { workersOf } from '../support/workers.js'

const herdSize = 200
const mebibyte = 1024 * 1024

t.test('one host: one request to the origin for what all workers are asked for', needsAddon, async t => {
  const { edge, held, ask, asks, active, clients } = await workersOf(t)
  const herd = (target: string) => Array.from({ length: herdSize }, () => ask(target))

  await t.test('37: absent: exactly one, all answers right', async t => {
    const replies = herd('/absent')
    await active(herdSize)
    await asks(1)
    held[0].response.writeHead(200, fresh).end('for all')
    const answers = await Promise.all(replies)
    for (const answer of answers) t.match(answer, { status: 200, text: 'for all' })
    const said = answers.map(cacheStatus)
    t.equal(said.filter(text => text === 'fwd=uri-miss; fwd-status=200; stored').length, 1)
    t.equal(said.filter(text => text === 'fwd=uri-miss; collapsed').length, herdSize - 1)
    t.equal(held.length, 1)
    for (const { pid } of await clients()) {
      t.ok(await edge.logged(`"pid":${pid},.*"/absent".*"collapsed"`), 'both took part')
    }
  })

  await t.test('37: not for all: each asks, in parallel', async t => {
    held.length = 0
    const replies = herd('/private')
    await active(herdSize)
    await asks(1)
    held[0].response.writeHead(200, { 'Cache-Control': 'private' }).end('0')
    await asks(herdSize)
    for (const [at, { response }] of held.slice(1).entries()) {
      response.writeHead(200, { 'Cache-Control': 'private' }).end(`${at + 1}`)
    }
    const texts = new Set((await Promise.all(replies)).map(({ text }) => text))
    t.equal(texts.size, herdSize, 'nobody got what is for another')
  })

  await t.test('one refresh behind stale answers', async t => {
    held.length = 0
    const [one, other] = await clients()
    const first = one.ask('/stale')
    await asks(1)
    held[0].response.writeHead(200, { 'Cache-Control': 'max-age=0, stale-while-revalidate=600' }).end('old')
    await first
    await active(0)
    const askBoth = async () => {
      for (const client of [one, other]) t.equal((await client.ask('/stale')).text, 'old')
    }
    // As long as the first fetch is being stored nobody begins another.
    await until(async () => {
      await askBoth()
      return held.length > 1 || undefined
    })
    for (let round = 0; round < 5; round += 1) await askBoth()
    t.equal(held.length, 2)
    held[1].response.writeHead(200, fresh).end('new')
    for (const client of [one, other]) {
      await until(async () => ((await client.ask('/stale')).text === 'new' ? true : undefined))
    }
    t.equal(held.length, 2)
  })

  await t.test('32: an object in blocks: its head and each block once, whoever wants it', async t => {
    held.length = 0
    const object = noise(3 * mebibyte)
    const part = (first: number): string => `bytes=${first}-${first + 9}`
    const answer = (at: number): void => {
      const [, from] = /bytes=(\d+)-/.exec(String(held[at].request.headers.range))!
      const bytes = object.subarray(Number(from), Number(from) + mebibyte)
      const range = `bytes ${from}-${Number(from) + bytes.length - 1}/${object.length}`
      held[at].response.writeHead(206, { ...fresh, ETag: '"v"', 'Content-Range': range }).end(bytes)
    }
    const [one, other] = await clients()
    const begin = one.open('/blocks', { headers: { range: part(5) } })
    await asks(1)
    const later = other.open('/blocks', { headers: { range: part(2 * mebibyte) } })
    await active(2)
    answer(0)
    await begin.end
    // The other worker knows the object by now, and asks for what it wants of it.
    await asks(2)
    const both = one.open('/blocks', { headers: { range: part(2 * mebibyte + 20) } })
    await active(2)
    answer(1)
    t.strictSame([await later.end, await both.end], ['whole', 'whole'])
    t.ok(begin.body().equals(object.subarray(5, 15)))
    t.ok(later.body().equals(object.subarray(2 * mebibyte, 2 * mebibyte + 10)))
    t.ok(both.body().equals(object.subarray(2 * mebibyte + 20, 2 * mebibyte + 30)))
    t.equal(held.length, 2)
  })

  await t.test('37: the worker that asks is killed: exactly one more, by who waits', async t => {
    held.length = 0
    const [leader, other] = await clients()
    const lost = leader.ask('/orphan').then(
      () => 'answered',
      () => 'broken',
    )
    await asks(1)
    const waiting = other.ask('/orphan')
    const herd = Promise.allSettled(Array.from({ length: 20 }, () => ask('/orphan')))
    await active(22)
    process.kill(leader.pid, 'SIGKILL')
    t.equal(await lost, 'broken')
    await asks(2)
    held[1].response.writeHead(200, fresh).end('after all')
    t.match(await waiting, { status: 200, text: 'after all' })
    // Those who were connected to the one that died are cut off.
    for (const outcome of await herd) {
      if (outcome.status === 'fulfilled') t.match(outcome.value, { status: 200, text: 'after all' })
    }
    t.equal(held.length, 2)
  })
})
