// What is remembered of what was taught: as many as there is room for, each under its own key, for as long as it holds.
import t from 'tap'
import { loadEngineAddon } from '../engine-addon.js'
import { openReplay, type ReplayMemory } from '../replay.js'
import { clientOf, engineDirectory, limits, type ReplayApp, replayApp } from './support/replay-app.js'
import { asking, isGiven, teach } from './support/teach.js'

const skip = loadEngineAddon() === undefined ? 'no addon for the engine' : false
/** Of the least table. */
const ways = 8

interface Told {
  id: number
  isOver: boolean
}

function tell(memory: ReplayMemory, room = 64): Told[] {
  const into = new Uint32Array(2 * room)
  const count = memory.tell(into)
  return Array.from({ length: count }, (_, at) => ({ id: into[2 * at]!, isOver: into[2 * at + 1] === 1 }))
}

t.test('a full table gives up one for each that comes', { skip }, async t => {
  const stage = await replayApp(t, 1)
  const client = await clientOf(t, stage.port)
  const targets = Array.from({ length: 3 * ways }, (_, at) => `/${at}`)
  for (const target of targets) t.ok((await teach(stage, client, asking(target))) >= 0)
  let left = 0
  for (const target of targets) left += Number(await isGiven(stage, client, asking(target)))
  t.equal(left, ways)
  t.ok(await isGiven(stage, client, asking(targets.at(-1)!)), 'the last is among them')
  const told = tell(stage.memory)
  t.equal(told.filter(({ isOver }) => isOver).length, 2 * ways)
  t.equal(told.filter(({ isOver }) => !isOver).length, ways, 'what was given is told, too')
  t.strictSame(tell(stage.memory), [], 'once')
})

t.test('what is taught again takes the place of what was there', { skip }, async t => {
  const stage = await replayApp(t)
  const client = await clientOf(t, stage.port)
  const first = await teach(stage, client, asking('/a'))
  const second = await teach(stage, client, asking('/a'), { body: Buffer.from('other') })
  t.not(second, first)
  t.match(await client.tell(asking('/a')), /other$/)
  t.strictSame(tell(stage.memory), [
    { id: first, isOver: true },
    { id: second, isOver: false },
  ])
  stage.memory.forget(first)
  t.match(await client.tell(asking('/a')), /other$/, 'the id of who left is nobody else')
  t.equal(await teach(stage, client, asking('/b')), first, 'and is given again')
  stage.memory.forget(second)
  t.notOk(await isGiven(stage, client, asking('/a')))
  for (const id of [second, second, 10_000, -1, Number.NaN, 2 ** 40]) stage.memory.forget(id)
  t.ok(await isGiven(stage, client, asking('/b')))
})

t.test('texts with one hash are told apart by what they are', { skip }, async t => {
  const stage = await replayApp(t)
  const client = await clientOf(t, stage.port)
  const [without, empty] = [asking('/a'), asking('/a', 'Accept-Encoding:\r\n')]
  await teach(stage, client, without)
  t.notOk(await isGiven(stage, client, empty))
  await teach(stage, client, empty, { body: Buffer.from('other') })
  t.match(await client.tell(empty), /other$/)
  t.notOk(await isGiven(stage, client, without), 'there is room for one of them')
  for (const other of [
    asking('/'),
    asking('/aa'),
    asking('/A'),
    asking('/a?'),
    asking('/a', 'Accept-Encoding: h\r\n'),
    asking('/a').replace('Host: h', 'Host: H'),
    asking('/a').replace('Host: h', 'Host: ha').replace('/a', '/'),
  ])
    t.notOk(await isGiven(stage, client, other), other)
})

t.test('nothing is given before its time, after it, or when a word has changed', { skip }, async t => {
  const stage = await replayApp(t)
  const client = await clientOf(t, stage.port)
  const words = new Int32Array(64)
  const memory = stage.memory.watch(words)
  const nowMs = Date.now()
  const watched = [{ memory, at: 63, value: 0 }]
  for (const lesson of [
    { fromMs: nowMs + 60_000 },
    { untilMs: nowMs },
    { watched: [{ memory, at: 0, value: 1 }] },
  ]) {
    t.ok((await teach(stage, client, asking('/a'), lesson)) >= 0)
    t.notOk(await isGiven(stage, client, asking('/a')))
  }
  await teach(stage, client, asking('/a'), { watched })
  t.ok(await isGiven(stage, client, asking('/a')))
  words[63] = 1
  t.notOk(await isGiven(stage, client, asking('/a')))
  words[63] = 0
  t.ok(await isGiven(stage, client, asking('/a')))
  const soonMs = Date.now() + 40
  await teach(stage, client, asking('/a'), { untilMs: soonMs })
  while (Date.now() < soonMs) await client.tell(asking('/a'))
  t.notOk(await isGiven(stage, client, asking('/a')), 'not even in the same millisecond')
})

t.test('what does not fit is not learned', { skip }, async t => {
  const stage = await replayApp(t)
  const { memory } = stage
  const client = await clientOf(t, stage.port)
  const watch = memory.watch(new Int32Array(16))
  const cells = memory.meter(new Float64Array(16))
  const tally = {
    ...{ cells, requests: 0, bytesOut: 1, status: 2 },
    ...{ hits: 3, bytesSaved: 4, aborted: 5 },
  }
  const wrong: ReplayApp['lesson'][] = [
    { beforeAge: Buffer.alloc(8_192), afterAge: Buffer.alloc(8_192) },
    { watched: Array(9).fill({ memory: watch, at: 0, value: 0 }) },
    { watched: [{ memory: watch, at: 16, value: 0 }] },
    { watched: [{ memory: watch, at: -1, value: 0 }] },
    { watched: [{ memory: watch + 1, at: 0, value: 0 }] },
    { watched: [{ memory: -1, at: 0, value: 0 }] },
    { tally: { ...tally, aborted: 16 } },
    { tally: { ...tally, requests: Number.NaN } },
    { tally: { ...tally, cells: cells + 1 } },
    { formTally: { cells, at: 15, bytesShorter: 1 } },
  ]
  for (const [index, lesson] of wrong.entries()) {
    t.equal(await teach(stage, client, asking('/a'), lesson), -1, `row ${index}`)
    t.notOk(await isGiven(stage, client, asking('/a')), `row ${index}`)
  }
  const { token } = stage.heard.at(-1)!
  for (const late of [token, 0, token + 1, -1, Number.NaN]) {
    stage.lesson = undefined
    t.equal(memory.teach(late, { ...lessonLike, watched: [] }), -1, 'nothing is handed over now')
    memory.release(late)
  }
  const largest = { beforeAge: Buffer.from(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(16_000)}\r\nAge: `) }
  t.ok((await teach(stage, client, asking('/a'), largest)) >= 0)
  t.ok(await isGiven(stage, client, asking('/a')))
})

const nothing = Buffer.from('')
const lessonLike = {
  ...{ fromMs: 0, untilMs: 0, bornAtMs: 0, freshUntilMs: 0, tally: undefined, formTally: undefined },
  ...{ beforeAge: nothing, afterAge: nothing, body: nothing, line: nothing, placed: undefined, absent: 0 },
  isNotModified: false,
}

t.test('use is counted where it is to be', { skip }, async t => {
  const stage = await replayApp(t)
  const client = await clientOf(t, stage.port)
  const numbers = new Float64Array(512)
  const cells = stage.memory.meter(numbers)
  const tally = {
    ...{ cells, requests: 0, bytesOut: 1, status: 2 },
    ...{ hits: 3, bytesSaved: 4, aborted: 5 },
  }
  await teach(stage, client, asking('/a'), { tally, formTally: { cells, at: 6, bytesShorter: 11 } })
  const text = await client.tell(asking('/a'))
  await client.tell(asking('/a'))
  t.strictSame([...numbers.subarray(0, 9)], [2, 2 * text.length, 2, 2, 2 * text.length, 0, 2, 22, 0])
  t.strictSame(stage.memory.takeCounts(), { hits: 2, notModified: 0, bodyBytes: 12, aborted: 0 })
})

t.test('clear() and end() leave nothing, and who begins anew begins with nothing', { skip }, async t => {
  const stage = await replayApp(t)
  const client = await clientOf(t, stage.port)
  const ids = []
  for (const target of ['/a', '/b', '/c']) ids.push(await teach(stage, client, asking(target)))
  stage.memory.clear()
  for (const target of ['/a', '/b', '/c']) t.notOk(await isGiven(stage, client, asking(target)))
  t.strictSame(
    new Set(
      tell(stage.memory, 2)
        .concat(tell(stage.memory, 2))
        .map(({ id, isOver }) => (isOver ? id : -1)),
    ),
    new Set(ids),
    'told in as many calls as it takes',
  )
  await teach(stage, client, asking('/a'))
  t.equal(openReplay(engineDirectory, limits), undefined, 'there is one already')
  stage.memory.end()
  t.notOk(await isGiven(stage, client, asking('/a')))
  const again = openReplay(engineDirectory, { ...limits, answersMax: 1 })!
  again.turn(true)
  await client.tell(asking('/a'))
  t.equal(again.takeCounts().hits, 0)
  again.end()
})

t.test('what is being sent is told of when it is over', { skip }, async t => {
  const stage = await replayApp(t)
  const body = Buffer.alloc(16 * 1024 * 1024, 'x')
  const client = await clientOf(t, stage.port)
  const id = await teach(stage, client, asking('/large'), { body })
  client.socket.pause()
  client.socket.write(asking('/large'))
  while (stage.memory.sending() === 0) await new Promise(resolve => setTimeout(resolve, 2))
  stage.memory.forget(id)
  t.strictSame(tell(stage.memory), [])
  const other = await clientOf(t, stage.port)
  t.not(await teach(stage, other, asking('/b')), id, 'its id is still its own')
  client.socket.resume()
  const whole = await client.tell('', text => text.length > body.length)
  t.ok(whole.endsWith('\r\n\r\n'.concat('x'.repeat(100))) || whole.length > body.length)
  while (stage.memory.sending() > 0) await new Promise(resolve => setTimeout(resolve, 2))
  t.strictSame(tell(stage.memory), [{ id, isOver: true }])
})

t.test('what has left is told of before more is learned', { skip }, async t => {
  const stage = await replayApp(t, 1)
  const client = await clientOf(t, stage.port)
  let learned = 0
  while (learned < 5_000 && (await teach(stage, client, asking(`/${learned}`))) >= 0) learned += 1
  t.ok(learned < 5_000, 'it stops')
  const room = 64
  t.equal(tell(stage.memory, room).length, room)
  for (let at = 0; at < room; at += 1) t.ok((await teach(stage, client, asking(`/again${at}`))) >= 0)
  t.equal(await teach(stage, client, asking('/one-more')), -1)
})
