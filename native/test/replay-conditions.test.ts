// What is given to who has it already: under the condition that was asked with.
import t from 'tap'
import { loadEngineAddon } from '../engine-addon.js'
import { clientOf, replayApp } from './support/replay-app.js'
import { asking, isGiven, teach } from './support/teach.js'

const skip = loadEngineAddon() === undefined ? 'no addon for the engine' : false
const nothing = Buffer.from('')

t.test('a condition is part of what it was asked with', { skip }, async t => {
  const stage = await replayApp(t)
  const client = await clientOf(t, stage.port)
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const tag = asking('/a', 'If-None-Match: "1"\r\n')
  const dated = asking('/a', `If-Modified-Since: ${date}\r\n`)
  t.ok((await teach(stage, client, asking('/a'))) >= 0)
  t.notOk(await isGiven(stage, client, tag))
  t.ok((await teach(stage, client, tag, { body: Buffer.from('other') })) >= 0)
  t.ok((await teach(stage, client, dated)) >= 0)
  const given = ['If-None-Match: "1"\r\nIf-Modified-Since: x', 'if-modified-since: x\r\nIF-NONE-MATCH:  "1" ']
  for (const lines of given) t.ok(await isGiven(stage, client, asking('/a', `${lines}\r\n`)), lines)
  t.ok(await isGiven(stage, client, tag))
  t.ok(await isGiven(stage, client, dated))
  t.ok(await isGiven(stage, client, asking('/a')))
  const others = [
    'If-None-Match: "2"',
    'If-None-Match: W/"1"',
    'If-None-Match: "1", "2"',
    `If-None-Match: ${date}`,
    'If-Modified-Since: "1"',
    `If-None-Match: ${date}\r\nIf-Modified-Since: ${date}`,
    'If-None-Match: "1"\r\nIf-None-Match: "1"',
    'If-None-Match: "1"\r\nRange: bytes=0-1',
    'If-None-Match: "1"\r\nCache-Control: max-age=0',
  ]
  for (const lines of others) t.notOk(await isGiven(stage, client, asking('/a', `${lines}\r\n`)), lines)
  t.notOk(await isGiven(stage, client, asking('/a"1"')), 'the target is not the condition')
  const long = `If-None-Match: "${'x'.repeat(4_000)}"\r\n`
  t.equal(await teach(stage, client, asking(`/${'y'.repeat(60)}`, long)), -1, 'longer than a key may be')
})

t.test('a 304 has no body, says no length, and is counted apart', { skip }, async t => {
  const stage = await replayApp(t)
  const client = await clientOf(t, stage.port)
  const bytes = asking('/a', 'If-None-Match: "1"\r\n')
  const beforeAge = Buffer.from('HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nAge: ')
  await teach(stage, client, bytes, { beforeAge, body: nothing, isNotModified: true })
  await teach(stage, client, asking('/a'))
  stage.memory.takeCounts()
  const isHead = (text: string) => text.endsWith('\r\n\r\n')
  for (let turn = 0; turn < 2; turn += 1) {
    t.match(
      await client.tell(bytes, isHead),
      /^HTTP\/1\.1 304 Not Modified\r\nETag: "1"\r\nAge: \d+\r\nTtl: \d+\r\nDate: [^\r]+ GMT\r\n\r\n$/,
    )
  }
  await client.tell(asking('/a'))
  t.strictSame(stage.memory.takeCounts(), { hits: 3, notModified: 2, bodyBytes: 6, aborted: 0 })
  t.strictSame(stage.memory.takeCounts(), { hits: 0, notModified: 0, bodyBytes: 0, aborted: 0 })
})
