import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { objectBytes, objectTag } from '../../mixed-objects.js'
import { fillAndCheck, mixed, mixedLines } from '../../scenarios/mixed.js'
import { listenOn } from '../support/servers.js'

t.test('mixed asks for what it says, in the parts it says', async t => {
  const lines = mixedLines()
  const part = (pattern: RegExp) => lines.filter(line => pattern.test(line)).length / lines.length
  t.equal(part(/^\/mixed\/\d+(-@|$|\tIf-None-Match: "object-\d+"$|\tRange: bytes=\d+-\d+$)/), 1)
  for (const [pattern, expected] of [
    [/@/, 0.05],
    [/If-None-Match/, 0.1],
    [/Range/, 0.02],
  ] as const) {
    t.ok(Math.abs(part(pattern) - expected) < 0.005, `${pattern}`)
  }
  t.strictSame(mixedLines(), lines, 'the same each time')
})

t.test('mixed wants hits', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(mixed.objection({ ...answer, fields: { 'x-cache': 'HIT' } }), undefined)
  t.equal(mixed.objection({ ...answer, fields: {} }), 'is not a cache hit')
})

/** Of objects that differ from the real ones as said. */
async function serve(t: Test, { extra = 0, confirms = true }): Promise<string> {
  const server = createServer((request, response) => {
    const number = Number(request.url!.slice('/mixed/'.length))
    if (confirms && request.headers['if-none-match'] === objectTag(number)) response.writeHead(304).end()
    else if (request.headers.range !== undefined) response.writeHead(206, { 'Content-Length': 1 }).end('x')
    else response.end(Buffer.alloc(objectBytes(number) + extra))
  })
  return `http://127.0.0.1:${await listenOn(t, server)}`
}

t.test('fillAndCheck() asks for all, a confirmation and a part', async t => {
  await fillAndCheck(await serve(t, {}), 50)
  await t.rejects(fillAndCheck(await serve(t, { extra: 1 }), 50), {
    message: /is answered with 200 and \d+ bytes/,
  })
  await t.rejects(fillAndCheck(await serve(t, { confirms: false }), 50), {
    message: /If-None-Match.* with 200/,
  })
})
