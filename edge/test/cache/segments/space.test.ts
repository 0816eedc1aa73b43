// The cap on the segments, held by whoever wants more.
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { lock } from '../../../../native/index.js'
import { segmentPath } from '../../../cache/segments/header.js'
import { HeldBytes, heldBytes } from '../../../cache/segments/held.js'
import { Space } from '../../../cache/segments/space.js'
import { needsAddon } from '../../shared/support/ground.js'

const segmentBytes = 64 * 1024

function spaceOf(t: Test, segments: number, capBytes: number) {
  const directory = t.testdir()
  for (let id = 1; id <= segments; id += 1)
    writeFileSync(segmentPath(directory, id), Buffer.alloc(segmentBytes, 1))
  const lines: string[] = []
  const space = new Space({
    directory,
    capBytes: () => capBytes,
    log: (_, message) => void lines.push(message),
  })
  const left = () => Array.from({ length: segments }, (_, at) => existsSync(segmentPath(directory, at + 1)))
  return { directory, space, lines, left }
}

t.test('what is taken fits: the oldest leave for it', needsAddon, async t => {
  const { space, left, lines } = spaceOf(t, 4, 4 * segmentBytes)
  t.equal(
    space.with(segmentBytes + 1, () => 'taken'),
    'taken',
  )
  t.strictSame(left(), [false, false, true, true])
  t.strictSame(lines, [])
})

t.test(
  'nothing is taken while there is no room: what is written to stays, and the newest',
  needsAddon,
  async t => {
    const { directory, space, left } = spaceOf(t, 3, 2 * segmentBytes)
    const fd = openSync(segmentPath(directory, 1), 'r')
    t.ok(lock(fd, 'exclusive'))
    t.equal(
      space.with(segmentBytes, () => 'taken'),
      undefined,
    )
    t.strictSame(left(), [true, false, true])
    closeSync(fd)
    t.equal(
      space.with(segmentBytes, () => 'taken'),
      'taken',
    )
    t.strictSame(left(), [false, false, true])
  },
)

t.test('one at a time; and what is taken may fail', needsAddon, async t => {
  const { directory, space } = spaceOf(t, 0, 2 * segmentBytes)
  const other = new Space({ directory, capBytes: () => 9e9, log: () => {} })
  t.equal(
    space.with(1, () => other.with(1, () => 'both')),
    undefined,
  )
  t.throws(() =>
    space.with(1, () => {
      throw new Error('no')
    }),
  )
  t.equal(
    space.with(1, () => 'again'),
    'again',
  )
})

t.test('what is read though it is gone counts, as long as its reader lives', needsAddon, async t => {
  const { directory, space, left } = spaceOf(t, 3, 4 * segmentBytes)
  const held = new HeldBytes(directory, () => {})
  t.equal(heldBytes(directory), 0)
  held.set(2 * segmentBytes)
  t.equal(heldBytes(directory), 2 * segmentBytes)
  t.equal(
    space.with(segmentBytes, () => 'taken'),
    'taken',
  )
  t.strictSame(left(), [false, false, true])
  held.set(segmentBytes)
  t.equal(heldBytes(directory), segmentBytes)
  held.close()
  t.equal(heldBytes(directory), 0)
  // Of one that was killed: nobody has its lock.
  writeFileSync(`${directory}/held-1-1`, 'xx')
  t.equal(heldBytes(directory), 0)
  t.notOk(existsSync(`${directory}/held-1-1`))
})
