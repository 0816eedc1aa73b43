import t from 'tap'
import { clockAt, groundOf, hashOf, leadOf, needsAddon, runDirectoryOf } from './support/ground.js'

const place = { segment: 3, offset: 4096, total: 1000 }

t.test('a fill goes from asking to filling to whole, and all see how far it is', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const clock = clockAt(1_000)
  const [a, b] = [groundOf(t, directory, clock), groundOf(t, directory, clock)]
  const fill = leadOf(a.fills.claim(hashOf(1), 9))
  const plain = { owner: a.owner, isOrphaned: false, isRetired: false, fence: 9, agoMs: 0 }
  t.strictSame(b.fills.read(fill), { ...plain, state: 'asking', place: undefined, bytes: 0 })
  t.ok(a.fills.publish(fill, place))
  clock.pass(7)
  plain.agoMs = 7
  t.strictSame(b.fills.read(fill), { ...plain, state: 'filling', place, bytes: 0 })
  t.ok(a.fills.advance(fill, 600))
  t.ok(a.fills.advance(fill, 600), 'nothing new is not wrong')
  t.ok(a.fills.advance(fill, 1000))
  t.ok(a.fills.complete(fill))
  t.strictSame(b.fills.read(fill), { ...plain, state: 'whole', place, bytes: 1000 })
  t.equal(b.fills.claim(hashOf(1), 9).kind, 'follow')
  t.ok(a.fills.free(fill))
  t.equal(b.fills.read(fill), undefined)
  t.equal(b.fills.census().free, 64)
})

t.test('publish() takes an unknown length, none at all and the largest numbers', needsAddon, async t => {
  const a = groundOf(t, runDirectoryOf(t))
  for (const total of [undefined, 0, Number.MAX_SAFE_INTEGER]) {
    const fill = leadOf(a.fills.claim(hashOf(1), Number.MAX_SAFE_INTEGER))
    const large = { segment: Number.MAX_SAFE_INTEGER, offset: Number.MAX_SAFE_INTEGER, total }
    t.ok(a.fills.publish(fill, large))
    t.match(a.fills.read(fill), { place: large, fence: Number.MAX_SAFE_INTEGER })
    t.ok(a.fills.advance(fill, 2 ** 48 - 1))
    t.equal(a.fills.read(fill)?.bytes, 2 ** 48 - 1)
    a.fills.free(fill)
  }
})

t.test('numbers that are none are a RangeError, and nothing changes', needsAddon, async t => {
  const a = groundOf(t, runDirectoryOf(t))
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) {
    t.throws(() => a.fills.publish(fill, { ...place, segment: wrong }), RangeError)
    t.throws(() => a.fills.publish(fill, { ...place, offset: wrong }), RangeError)
    t.throws(() => a.fills.publish(fill, { ...place, total: wrong }), RangeError)
  }
  t.equal(a.fills.read(fill)?.state, 'asking')
  a.fills.publish(fill, place)
  a.fills.advance(fill, 10)
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 48, 9]) {
    t.throws(() => a.fills.advance(fill, wrong), RangeError)
  }
  t.equal(a.fills.read(fill)?.bytes, 10)
})

t.test('only the owner moves a fill, and only forward', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  t.notOk(b.fills.publish(fill, place))
  t.notOk(a.fills.advance(fill, 1))
  t.notOk(a.fills.complete(fill))
  a.fills.publish(fill, place)
  t.notOk(a.fills.publish(fill, { ...place, segment: 4 }), 'once')
  t.notOk(b.fills.advance(fill, 1))
  t.notOk(b.fills.complete(fill))
  t.notOk(b.fills.release(fill, 1))
  t.notOk(b.fills.abandon(fill))
  t.notOk(b.fills.free(fill))
  t.notOk(b.fills.takeOver(fill))
  a.fills.complete(fill)
  t.notOk(a.fills.advance(fill, 1))
  t.notOk(a.fills.release(fill, 1))
  t.match(b.fills.read(fill), { state: 'whole', place, bytes: 0 })
})

t.test('what is over cannot be moved, in the next turn either', needsAddon, async t => {
  const a = groundOf(t, runDirectoryOf(t))
  const old = leadOf(a.fills.claim(hashOf(1), 0))
  a.fills.free(old)
  for (const again of [false, true]) {
    if (again) a.fills.publish(leadOf(a.fills.claim(hashOf(1), 0)), place)
    const before = a.fills.census()
    t.notOk(a.fills.publish(old, place))
    t.notOk(a.fills.advance(old, 1))
    t.notOk(a.fills.complete(old))
    t.notOk(a.fills.release(old, 1))
    t.notOk(a.fills.abandon(old))
    t.notOk(a.fills.retire(old))
    t.notOk(a.fills.takeOver(old))
    t.notOk(a.fills.free(old))
    t.equal(a.fills.read(old), undefined)
    t.strictSame(a.fills.census(), before)
  }
})

t.test('release() tells those who follow', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  t.ok(a.fills.release(fill, 100))
  t.match(b.fills.read(fill), { state: 'unshared', owner: 0 })
  t.notOk(a.fills.free(fill), 'it is nobody’s')
  b.orphan(a.owner)
  t.equal(b.fills.census().unshared, 1, 'and stays when its owner goes')
})

t.test('abandon() gives the fill to whom wants it, the same one again too', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  t.ok(a.fills.abandon(fill))
  t.notOk(a.fills.publish(fill, place))
  t.notOk(a.fills.free(fill))
  t.match(b.fills.read(fill), { isOrphaned: true })
  t.ok(a.fills.takeOver(fill))
  t.notOk(b.fills.takeOver(fill))
  t.ok(a.fills.publish(fill, place))
})

t.test('takeOver() is for one, who begins anew; the one before can do nothing more', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b, c] = [groundOf(t, directory), groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  a.fills.publish(fill, place)
  a.fills.advance(fill, 700)
  b.orphan(a.owner)
  t.match(c.fills.read(fill), { state: 'filling', isOrphaned: true, place, bytes: 700 })
  t.notOk(a.fills.advance(fill, 800), 'an orphan does not grow')
  t.strictSame([b.fills.takeOver(fill), c.fills.takeOver(fill)], [true, false])
  t.match(c.fills.read(fill), {
    state: 'asking',
    owner: b.owner,
    isOrphaned: false,
    place: undefined,
    bytes: 0,
  })
  const next = { segment: 8, offset: 0, total: undefined }
  t.notOk(a.fills.publish(fill, place))
  t.ok(b.fills.publish(fill, next))
  t.notOk(a.fills.advance(fill, 900))
  t.match(c.fills.read(fill), { state: 'filling', place: next, bytes: 0 })
  t.ok(b.fills.advance(fill, 5))
  t.equal(b.counters.sums().fillsTakenOver, 1)
})

t.test('retire() is anybody’s, and stays whatever the owner does', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  t.ok(b.fills.retire(fill))
  t.notOk(b.fills.retire(fill), 'it was')
  t.ok(a.fills.publish(fill, place))
  t.ok(a.fills.advance(fill, 1000))
  t.ok(a.fills.complete(fill))
  t.match(b.fills.read(fill), { state: 'whole', isRetired: true, bytes: 1000 })
  b.orphan(a.owner)
  t.ok(b.fills.takeOver(fill))
  t.match(b.fills.read(fill), { state: 'asking', isRetired: true })
  t.equal(a.fills.claim(hashOf(1), 0).kind, 'lead')
})

t.test('read() never mixes two owners’ places, whoever comes between', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = groundOf(t, directory)
  let steps = 0
  let onStep = (): void => {}
  const b = groundOf(t, directory, { beforeStep: () => onStep() })
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  a.fills.publish(fill, place)
  b.orphan(a.owner)
  onStep = () => {
    steps += 1
    const view = a.fills.read(fill)
    t.ok(view?.place === undefined || view.place.segment === place.segment, 'not before it is published')
  }
  b.fills.takeOver(fill)
  b.fills.publish(fill, { segment: 9, offset: 9, total: 9 })
  onStep = () => {}
  t.ok(steps > 4)
  t.strictSame(a.fills.read(fill)?.place, { segment: 9, offset: 9, total: 9 })
})

t.test('freeOrphans() ends those that nobody wanted for so long', needsAddon, async t => {
  const clock = clockAt(0)
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory, clock), groundOf(t, directory, clock)]
  const fills = [1, 2, 3].map(name => leadOf(a.fills.claim(hashOf(name), 0)))
  t.strictSame(b.orphan(a.owner), fills)
  t.strictSame(b.orphan(a.owner), fills, 'whoever says it is told the same')
  clock.pass(999)
  b.fills.takeOver(fills[1])
  t.equal(b.fills.freeOrphans(1000), 0)
  clock.pass(1)
  t.equal(b.fills.freeOrphans(1000), 2)
  t.match(b.fills.census(), { free: 63, asking: 1 })
  t.strictSame([...b.fills.owners()], [b.owner])
})

t.test('an orphan’s time begins anew when its next owner goes', needsAddon, async t => {
  const clock = clockAt(0)
  const directory = runDirectoryOf(t)
  const [a, b, c] = [1, 2, 3].map(() => groundOf(t, directory, clock))
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  c.orphan(a.owner)
  clock.pass(900)
  b.fills.takeOver(fill)
  clock.pass(900)
  t.equal(c.fills.freeOrphans(1000), 0)
  c.orphan(b.owner)
  clock.pass(900)
  t.equal(c.fills.freeOrphans(1000), 0)
})
