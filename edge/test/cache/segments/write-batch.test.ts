import { closeSync, openSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { WriteBatch } from '../../../cache/segments/write-batch.js'
import { noise } from '../../support/play.js'

function stage(t: Test) {
  const path = `${t.testdir({ file: '' })}/file`
  const fd = openSync(path, 'r+')
  t.teardown(() => closeSync(fd))
  const batch = new WriteBatch(fd)
  const order: number[] = []
  const add = (part: Buffer, offset: number): Promise<number> =>
    new Promise((resolve, reject) => {
      batch.add(part, offset, (error, bytes) => {
        order.push(offset)
        if (error === null) resolve(bytes)
        else reject(error)
      })
    })
  return { path, batch, add, order }
}

t.test(
  'what is added in a moment lies where it was to lie, each is told its own bytes, in order',
  async t => {
    const { path, add, order } = stage(t)
    const whole = noise(100_000)
    // The third lies elsewhere: others have reserved in between.
    const parts = [
      [0, 10],
      [10, 30_000],
      [40_000, 50_000],
      [50_000, 99_999],
      [99_999, 100_000],
    ] as const
    const sizes = await Promise.all(parts.map(([from, to]) => add(whole.subarray(from, to), from)))
    t.strictSame(
      sizes,
      parts.map(([from, to]) => to - from),
    )
    t.strictSame(
      [...order].sort((a, b) => a - b),
      [0, 10, 40_000, 50_000, 99_999],
    )
    const written = readFileSync(path)
    for (const [from, to] of parts) t.ok(written.subarray(from, to).equals(whole.subarray(from, to)))
  },
)

t.test('many bytes do not wait', async t => {
  const { path, add } = stage(t)
  const whole = noise(700_000)
  const all = []
  for (let at = 0; at < whole.length; at += 50_000) all.push(add(whole.subarray(at, at + 50_000), at))
  await Promise.all(all)
  t.ok(readFileSync(path).equals(whole))
})

t.test('a write that fails fails for all who were in it', async t => {
  const path = `${t.testdir({ file: '' })}/file`
  const fd = openSync(path, 'r')
  t.teardown(() => closeSync(fd))
  const batch = new WriteBatch(fd)
  const errors = await Promise.all(
    [0, 1, 2].map(
      offset =>
        new Promise<Error | null>(resolve => batch.add(Buffer.from('a'), offset, error => resolve(error))),
    ),
  )
  t.match(errors, [{ code: 'EBADF' }, { code: 'EBADF' }, { code: 'EBADF' }])
})

t.test('flush() of nothing does nothing', async t => {
  const { batch } = stage(t)
  batch.flush()
  t.pass()
})
