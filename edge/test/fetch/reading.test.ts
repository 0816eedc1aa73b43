// What is read of a connection is the same past the stream of its socket and through it.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { descriptorOf, openSocket } from '../../fetch/open-socket.js'
import { Reading } from '../../fetch/reading.js'
import { startRawOrigin } from '../support/origin.js'
import { until } from '../support/play.js'

interface Stage {
  reading: Reading
  near: Socket
  far: Socket
  /** Texts that came, `end`, and codes of errors. */
  heard: string[]
}

/** `isStream`: as where there is no addon. */
async function stage(t: Test, isStream: boolean): Promise<Stage> {
  let far: Socket | undefined
  const origin = await startRawOrigin(t, socket => {
    far = socket
  })
  const heard: string[] = []
  const hear = {
    onBytes: (bytes: Buffer) => void heard.push(bytes.toString('latin1')),
    onBytesEnd: (error?: Error) =>
      void heard.push((error as NodeJS.ErrnoException | undefined)?.code ?? 'end'),
  }
  const { hostname: host, port } = new URL(origin.url)
  const rest = { tlsName: undefined, ca: undefined, addresses: undefined }
  const endpoint = { isTls: false, host, port: Number(port), connectMs: 5_000, ...rest }
  const near = openSocket(endpoint, hear.onBytes)
  near.on('end', hear.onBytesEnd).on('error', hear.onBytesEnd)
  const reading = new Reading(near)
  await once(near, 'connect', { signal: AbortSignal.timeout(5_000) })
  reading.begin(isStream ? -1 : descriptorOf(near), hear)
  near.write('GET / HTTP/1.1\r\n\r\n')
  await until(() => far !== undefined)
  t.teardown(() => {
    reading.stop()
    near.destroy()
  })
  return { reading, near, far: far!, heard }
}

for (const isStream of [false, true]) {
  const how = isStream ? 'through the stream' : 'past the stream'

  t.test(`${how}: all that comes, and its end`, async t => {
    const { far, heard } = await stage(t, isStream)
    far.write('abc')
    await until(() => heard.join('') === 'abc')
    far.end('def')
    await until(() => heard.at(-1) === 'end')
    t.equal(heard.join(''), 'abcdefend')
  })

  t.test(`${how}: what broke it, behind what came before`, async t => {
    const { reading, far, heard } = await stage(t, isStream)
    far.write('abc')
    await until(() => heard.length > 0)
    reading.resume()
    far.resetAndDestroy()
    await until(() => heard.length > 1)
    t.strictSame(heard, ['abc', 'ECONNRESET'])
  })

  t.test(`${how}: nothing comes while it is paused`, async t => {
    const { reading, far, heard } = await stage(t, isStream)
    reading.pause()
    reading.pause()
    far.end('abc')
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    t.strictSame(heard, [])
    reading.resume()
    reading.resume()
    await until(() => heard.at(-1) === 'end')
    t.strictSame(heard, ['abc', 'end'])
  })

  t.test(`${how}: what is given back is the stream's`, async t => {
    const { reading, near, far, heard } = await stage(t, isStream)
    far.write('abc')
    await until(() => heard.length > 0)
    reading.giveBack()
    near.pause()
    far.end('def')
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    t.strictSame(heard, ['abc'], 'which may pause it')
    near.resume()
    await until(() => heard.at(-1) === 'end')
    t.strictSame(heard, ['abc', 'def', 'end'])
  })
}
