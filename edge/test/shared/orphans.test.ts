// Death before every step of everything an owner does, and what the others find.
import t from 'tap'
import type { FillRef } from '../../shared/claim.js'
import type { Ground } from '../../shared/ground.js'
import { type Step, steps } from '../../shared/slots.js'
import {
  clockAt,
  dieAt,
  groundOf,
  hashOf,
  leadOf,
  liveOrDie,
  needsAddon,
  runDirectoryOf,
} from './support/ground.js'

const hash = hashOf(1)
const place = { segment: 3, offset: 5, total: 8 }

type Life = (own: Ground, other: Ground) => void

function filled(own: Ground): FillRef {
  const fill = leadOf(own.fills.claim(hash, 0))
  own.fills.publish(fill, place)
  own.fills.advance(fill, 4)
  own.fills.advance(fill, 8)
  return fill
}

/** What an owner may do from the first to the last; `other` is a second one, who lives. */
const lives: Record<string, Life> = {
  'fills, completes, frees': own => {
    const fill = filled(own)
    own.fills.complete(fill)
    own.fills.free(fill)
  },
  'releases before the head': own => void own.fills.release(leadOf(own.fills.claim(hash, 0)), 0),
  'releases after it': own => void own.fills.release(filled(own), 0),
  'abandons, takes over again': own => {
    const fill = filled(own)
    own.fills.abandon(fill)
    own.fills.takeOver(fill)
    own.fills.publish(fill, place)
  },
  'is retired': own => {
    const fill = filled(own)
    own.fills.retire(fill)
    leadOf(own.fills.claim(hash, 0))
    own.fills.complete(fill)
  },
  'inherits from another, frees': (own, other) => {
    const fill = filled(other)
    own.orphan(other.owner)
    own.fills.takeOver(fill)
    own.fills.publish(fill, place)
    own.fills.free(fill)
  },
  'claims an orphan': (own, other) => {
    const fill = filled(other)
    other.fills.abandon(fill)
    leadOf(own.fills.claim(hash, 0))
  },
  'ends the orphans': (own, other) => {
    filled(other)
    own.orphan(other.owner)
    own.fills.freeOrphans(0)
  },
  'claims what was unshared': (own, other) => {
    other.fills.release(leadOf(other.fills.claim(hash, 0)), 0)
    leadOf(own.fills.claim(hash, 0))
  },
}

/** More steps than any life has. */
const stepsMax = 60

t.test('wherever an owner dies, the key is led again and no slot stays', needsAddon, async t => {
  for (const [name, life] of Object.entries(lives)) {
    let isOver = false
    for (let at = 1; at <= stepsMax && !isOver; at++) {
      const directory = runDirectoryOf(t)
      const clock = clockAt(1000)
      const own = groundOf(t, directory, { ...clock, ...dieAt(at) })
      const [other, survivor] = [groundOf(t, directory, clock), groundOf(t, directory, clock)]
      isOver = liveOrDie(() => life(own, other))
      const label = `${name}, step ${at}`
      survivor.orphan(own.owner)
      survivor.orphan(other.owner)
      t.notOk(survivor.owners().has(own.owner), `${label}: nothing is its own any more`)
      const view = survivor.fills.read(leadOf(survivor.fills.claim(hash, 1)))
      t.match(view, { state: 'asking', owner: survivor.owner, place: undefined }, `${label}: the key is led`)
      survivor.orphan(survivor.owner)
      clock.pass(1)
      survivor.fills.freeOrphans(0)
      t.equal(survivor.fills.census().free, 64, `${label}: nothing stays`)
    }
    t.ok(isOver, `${name} has an end`)
  }
})

t.test('the lives above have every step that there is', needsAddon, async t => {
  const seen = new Set<Step>()
  for (const life of Object.values(lives)) {
    const directory = runDirectoryOf(t)
    const beforeStep = (step: Step) => void seen.add(step)
    life(groundOf(t, directory, { beforeStep }), groundOf(t, directory, { beforeStep }))
  }
  // Two at once: claim.test.ts.
  t.strictSame(
    steps.filter(step => !seen.has(step)),
    ['evict', 'withdraw'],
  )
})

t.test('a survivor that dies while it clears up leaves it to the next', needsAddon, async t => {
  for (let at = 1; at <= 12; at++) {
    const directory = runDirectoryOf(t)
    const clock = clockAt(1000)
    const [dead, next] = [groundOf(t, directory, clock), groundOf(t, directory, clock)]
    const fills = [1, 2, 3].map(name => leadOf(dead.fills.claim(hashOf(name), 0)))
    const first = groundOf(t, directory, { ...clock, ...dieAt(at) })
    liveOrDie(() => {
      first.orphan(dead.owner)
      first.fills.freeOrphans(-1)
    })
    t.ok(next.orphan(dead.owner).length <= fills.length)
    t.equal(next.owners().size, 0)
    next.fills.freeOrphans(-1)
    t.equal(next.fills.census().free, 64, `step ${at}`)
  }
})
