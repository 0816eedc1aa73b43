// Workers that do everything at random and are killed in the middle of anything. SHARED_SEED repeats a run.
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { type Ground, openGround } from '../../shared/ground.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'
import { ended, messageOf, programFile, startProgram, until } from './support/processes.js'
import { eventNames, faultNames, keysCount, Tally } from './support/tally.js'

const seed = Number(process.env.SHARED_SEED ?? Math.floor(Math.random() * 2 ** 31))
const workers = 3
const deathsMin = 24
const stepsMin = 2_000
const stepsSpread = 20_000

t.test(
  'killed anywhere, no slot stays stuck, nothing is read half written, no key is led twice',
  needsAddon,
  async t => {
    t.comment(`SHARED_SEED=${seed}`)
    const runDirectory = runDirectoryOf(t)
    const program = programFile('fill-child')
    const tallyPath = join(runDirectory, 'tally')
    const tally = new Tally(tallyPath)
    const ground = openGround({ runDirectory, slots: 16 })
    const living = new Map<number, ChildProcess>()
    let deaths = 0
    let started = 0

    const bury = (owner: number): void => {
      deaths += 1
      living.delete(owner)
      tally.bury(owner)
      ground.orphan(owner)
      for (const child of living.values()) if (child.connected) child.send({ gone: owner }, () => {})
    }
    /** Workers one after the other, until enough have died. */
    const employ = async (place: number): Promise<void> => {
      while (deaths < deathsMin) {
        started += 1
        const steps = stepsMin + ((seed + place * 7_919 + started * 104_729) % stepsSpread)
        const child = startProgram(t, program, [runDirectory, tallyPath, seed + started, steps])
        const { owner } = await messageOf<{ owner: number }>(child)
        living.set(owner, child)
        const code = await ended(child)
        if (code === null) bury(owner)
        else living.delete(owner)
        if (deaths >= deathsMin) for (const other of living.values()) other.send({ stop: true }, () => {})
      }
    }
    await Promise.all(Array.from({ length: workers }, (_, place) => employ(place)))

    t.comment(Object.fromEntries(eventNames.map(name => [name, tally.sum(name)])))
    t.strictSame(
      faultNames.filter(name => tally.sum(name) > 0).map(name => `${name} ${tally.sum(name)}`),
      [],
    )
    for (const name of ['led', 'followed', 'tookOver', 'read'] as const) t.ok(tally.sum(name) > 0, name)
    t.equal(ground.fills.owners().size, 0)
    t.ok(await until(() => allCanBeLed(ground)), 'every key can be led, every slot is free')
    ground.close()
  },
)

/** Every key leads, when none is remembered as unshared any more, and in the end no slot is anybody's. */
function allCanBeLed({ fills }: Ground): boolean {
  fills.freeOrphans(-1)
  const { free, unshared } = fills.census()
  if (free + unshared !== 16) return false
  for (let key = 0; key < keysCount; key++) {
    const claimed = fills.claim(Int32Array.of((key % 3) * 8, key, ~key, key * 7), 0)
    if (claimed.kind !== 'lead' || !fills.free(claimed.fill)) return false
  }
  return fills.census().free + fills.census().unshared === 16
}
