import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Upload, type UploadLimits } from '../../accept/upload.js'
import { until } from '../support/supervise-until.js'

interface Limits {
  bodyBytesMax?: number
  memoryBytesMax?: number
  spoolBytesMax?: number
}

interface Play {
  upload: Upload
  limits: UploadLimits
  /** `pause` and `resume` as they were called. */
  calls: string[]
  receive(text: string, isLast?: boolean): void
}

function uploadOf(t: Test, more: Limits = {}): Play {
  const { bodyBytesMax = 1_000_000, memoryBytesMax = 100, spoolBytesMax = 1_000_000 } = more
  const spool = { directory: t.testdir({}), used: 0, max: spoolBytesMax }
  const limits = { bodyBytesMax, memoryBytesMax, spool }
  const calls: string[] = []
  const source = { pause: () => void calls.push('pause'), resume: () => void calls.push('resume') }
  const upload = new Upload(limits, source)
  const receive = (text: string, isLast = false): void => {
    // The engine's memory: gone when the call returns.
    const { buffer } = new Uint8Array(Buffer.from(text, 'latin1'))
    upload.receive(buffer, isLast)
    new Uint8Array(buffer).fill(0x21)
  }
  return { upload, limits, calls, receive }
}

async function wholeOf(upload: Upload): Promise<string> {
  let text = ''
  for await (const chunk of upload) text += chunk.toString('latin1')
  return text
}

function closed(upload: Upload): Promise<void> {
  return new Promise(resolve => upload.once('close', resolve))
}

/** Paused and resumed in turn, and not left paused. */
function isBalanced(calls: string[]): boolean {
  return calls.every((call, i) => call === (i % 2 === 0 ? 'pause' : 'resume')) && calls.length % 2 === 0
}

function settled(t: Test, { limits, calls }: Play): void {
  t.equal(limits.spool.used, 0, 'the budget is whole again')
  t.ok(isBalanced(calls), calls.join(' '))
  t.strictSame(readdirSync(limits.spool.directory), [])
}

t.test('Upload gives a small body from memory', async t => {
  const play = uploadOf(t)
  play.receive('ab')
  play.receive('cd', true)
  t.equal(await wholeOf(play.upload), 'abcd')
  t.equal(play.upload.bytesIn, 4)
  t.strictSame(play.calls, [])
})

t.test('Upload ends an empty body', async t => {
  const play = uploadOf(t)
  play.receive('', true)
  t.equal(await wholeOf(play.upload), '')
})

t.test('Upload ends when the end comes alone and late', async t => {
  const play = uploadOf(t)
  const whole = wholeOf(play.upload)
  await turn()
  play.receive('ab')
  await turn()
  play.receive('', true)
  t.equal(await whole, 'ab')
})

t.test('Upload keeps the order over memory, spool and memory again', async t => {
  const play = uploadOf(t)
  play.receive('a'.repeat(90))
  play.receive('b'.repeat(90))
  play.receive('c')
  t.equal(play.limits.spool.used, 91, 'what comes behind the spool goes there too, though there were room')
  const reader = play.upload[Symbol.asyncIterator]()
  let text = ''
  while (text.length < 181) text += (await reader.next()).value
  play.receive('d'.repeat(50))
  play.receive('e', true)
  t.equal(play.limits.spool.used, 0, 'the spool was empty: memory again')
  for (let next = await reader.next(); !next.done; next = await reader.next()) text += next.value
  t.equal(text, `${'a'.repeat(90)}${'b'.repeat(90)}c${'d'.repeat(50)}e`)
  settled(t, play)
})

t.test('Upload takes a body of many megabytes through a small memory', async t => {
  const play = uploadOf(t, { bodyBytesMax: 1e8, memoryBytesMax: 65_536, spoolBytesMax: 1e8 })
  const received: Buffer[] = []
  const whole = (async () => {
    for await (const chunk of play.upload) {
      received.push(chunk)
      await turn()
    }
  })()
  const sent: Buffer[] = []
  for (let i = 0; i < 50; i += 1) {
    sent.push(Buffer.alloc(100_000, i))
    play.upload.receive(new Uint8Array(sent[i]).buffer, i === 49)
    if (i % 7 === 0) await turn()
  }
  await whole
  t.ok(Buffer.concat(received).equals(Buffer.concat(sent)))
  settled(t, play)
})

t.test('Upload pauses its sender while much waits and lets it go on when little does', async t => {
  const play = uploadOf(t)
  play.receive('a'.repeat(50))
  t.strictSame(play.calls, [], 'half of the memory may wait')
  play.receive('b')
  t.strictSame(play.calls, ['pause'])
  play.receive('c'.repeat(500))
  t.strictSame(play.calls, ['pause'], 'once')
  const whole = wholeOf(play.upload)
  await until(() => (play.calls.length === 2 ? true : undefined))
  t.strictSame(play.calls, ['pause', 'resume'])
  play.receive('', true)
  t.equal((await whole).length, 551)
  settled(t, play)
})

type Failure = [row: string, limits: Limits, sizes: number[], isRead: boolean, code: string, status: number]
const failures: Failure[] = [
  ['RFC 9110 15.5.14 too large', { bodyBytesMax: 10 }, [6, 5], false, 'body-too-large', 413],
  ['RFC 9110 15.5.14 too large, being read', { bodyBytesMax: 10 }, [6, 5], true, 'body-too-large', 413],
  ['more than the spool may have', { spoolBytesMax: 50 }, [90, 51], false, 'spool-full', 503],
  ['the same with the second chunk', { spoolBytesMax: 50 }, [90, 40, 20], false, 'spool-full', 503],
  ['the same, being read', { spoolBytesMax: 50 }, [90, 101], true, 'spool-full', 503],
]
for (const [row, limits, sizes, isRead, code, status] of failures) {
  t.test(`Upload fails with ${code} ${status}: ${row}`, async t => {
    const play = uploadOf(t, limits)
    const ended = isRead ? t.rejects(wholeOf(play.upload), { code, status }) : closed(play.upload)
    for (const size of sizes) play.receive('x'.repeat(size))
    await ended
    t.match(play.upload.errored, { code, status })
    play.receive('late', true)
    settled(t, play)
  })
}

t.test('Upload fails with spool-failed 503 when there can be no file', async t => {
  const play = uploadOf(t)
  play.limits.spool.directory += '/absent'
  play.receive('x'.repeat(101))
  await closed(play.upload)
  t.match(play.upload.errored, { code: 'spool-failed', status: 503, cause: { code: 'ENOENT' } })
  t.equal(play.limits.spool.used, 0)
  t.ok(isBalanced(play.calls))
})

t.test('Upload that is given up before anybody reads gives everything back', async t => {
  const play = uploadOf(t)
  play.receive('a'.repeat(90))
  play.receive('b'.repeat(90))
  t.equal(play.limits.spool.used, 90)
  play.upload.destroy()
  play.receive('c'.repeat(200))
  settled(t, play)
})

t.test('Upload that is given up in the middle gives everything back', async t => {
  const play = uploadOf(t)
  play.receive('a'.repeat(90))
  play.receive('b'.repeat(90))
  const [first] = await once(play.upload, 'data')
  t.equal(first.length, 90)
  play.upload.destroy()
  play.receive('c'.repeat(200))
  await until(() => (play.limits.spool.used === 0 ? true : undefined))
  settled(t, play)
})

t.test('Upload that is given up while its file is read gives everything back', async t => {
  const play = uploadOf(t)
  // Larger than the memory: the first byte to read is in the file.
  play.receive('b'.repeat(200))
  t.equal(play.limits.spool.used, 200)
  play.upload.read(1)
  play.upload.destroy()
  t.equal(play.limits.spool.used, 200, 'the read is under way')
  await until(() => (play.limits.spool.used === 0 ? true : undefined))
  settled(t, play)
})

t.test('lose() tells the reader that the client left', async t => {
  const play = uploadOf(t)
  play.receive('a')
  const whole = wholeOf(play.upload)
  await turn()
  play.upload.lose()
  await t.rejects(whole, { code: 'client-left', source: 'client', status: 400 })
})

t.test('lose() after the end changes nothing', async t => {
  const play = uploadOf(t)
  play.receive('a', true)
  t.equal(await wholeOf(play.upload), 'a')
  play.upload.lose()
  t.equal(play.upload.errored, null)
})
