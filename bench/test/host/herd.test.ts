import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { herd, mustBeRight } from '../../host/herd.js'
import { noise } from '../../host/stage.js'

const body = noise(100_000)

async function serving(t: Test, answer: Buffer): Promise<number> {
  const server = createServer((_, response) => void response.end(answer))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

t.test('a herd counts the answers whose every byte is right', async t => {
  const port = await serving(t, body)
  const found = await herd(port, '/', 10, body)
  t.equal(found.right, 10)
  t.ok(found.firstMedianMs <= found.firstLastMs && found.firstLastMs <= found.wholeMs)
  mustBeRight('it', found, 10)
})

t.test('a wrong byte, a body too short and one too long are not right', async t => {
  const wrong = Buffer.from(body)
  wrong[99_999] ^= 1
  for (const answer of [wrong, body.subarray(1), Buffer.concat([body, Buffer.from('x')])]) {
    const found = await herd(await serving(t, answer), '/', 3, body)
    t.equal(found.right, 0)
    t.throws(() => mustBeRight('it', found, 3), /it: only 0 of 3 answers were right/)
  }
})
