import { readdirSync } from 'node:fs'
import t from 'tap'
import { openGround, slotsMax, slotsMin } from '../../shared/ground.js'
import { groundOf, hashOf, leadOf, needsAddon, runDirectoryOf } from './support/ground.js'
import { messageOf, programFile, startProgram } from './support/processes.js'

t.test('openGround() takes only so many slots', needsAddon, async t => {
  const runDirectory = runDirectoryOf(t)
  for (const slots of [slotsMin - 1, slotsMax + 1, 20.5, Number.NaN]) {
    t.throws(() => openGround({ runDirectory, slots }), RangeError)
  }
  for (const slots of [slotsMin, slotsMax]) {
    t.equal(groundOf(t, runDirectory, { slots }).fills.census().free, slots)
  }
})

t.test('openGround() with the clock of the host remembers an unshared key', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = openGround({ runDirectory: directory, slots: 64 })
  a.fills.release(leadOf(a.fills.claim(hashOf(1), 0)), 600_000)
  t.equal(groundOf(t, directory).fills.claim(hashOf(1), 0).kind, 'unshared')
  a.close()
})

t.test('close() leaves what this process led to the others', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  t.ok(b.owners().has(a.owner))
  a.close()
  t.notOk(b.owners().has(a.owner))
  t.ok(b.fills.takeOver(fill))
})

t.test(
  'openGround() says when there is no room for it, and leaves nothing half made',
  needsAddon,
  async t => {
    const runDirectory = runDirectoryOf(t)
    const child = startProgram(t, programFile('open-child'), [runDirectory, 64], 32)
    t.match(await messageOf(child), {
      code: 'ground',
      message: /^run\.directory: no shared memory in .*EFBIG/,
    })
    t.strictSame(readdirSync(runDirectory).sort(), ['ground.lock'])
    t.equal(groundOf(t, runDirectory).owner, 1, 'who comes when there is room finds it as new')
  },
)

t.test('many open it at once: one makes it, all have another number', needsAddon, async t => {
  const runDirectory = runDirectoryOf(t)
  const children = Array.from({ length: 6 }, () =>
    startProgram(t, programFile('open-child'), [runDirectory, 64]),
  )
  const said = await Promise.all(children.map(child => messageOf<{ owner: number }>(child)))
  t.strictSame(said.map(({ owner }) => owner).sort(), [1, 2, 3, 4, 5, 6])
})
