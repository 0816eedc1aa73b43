import t from 'tap'
import { EdgeError } from '../../error.js'
import { Collapse, type Flight, type Follower, type Shared } from '../../fetch/collapse.js'
import type { Outcome, Turn, Watcher } from '../../fetch/host-fill.js'
import type { Host } from '../../fetch/host-fills.js'
import { siteOf } from '../support/exchange.js'

const site = siteOf()

/** A host where every claim has this outcome; notes what it is told. */
function hostOf(kind: Turn['kind']) {
  const notes: string[] = []
  const told: Watcher[] = []
  const host: Host = {
    claim: (key, revision) => {
      notes.push(`claim ${key} ${revision === site.revision}`)
      return kind === 'alone' ? { kind } : { kind, fill: { slot: 1, turn: 1 }, fence: 0, agoMs: 0 }
    },
    end: (_, unsharedMs) => void notes.push(`end ${unsharedMs}`),
    isAwaited: () => false,
    retire: () => void notes.push('retire'),
    settle: () => void notes.push('settle'),
    watch: (_, watcher) => void told.push(watcher),
    want: () => {},
    offer: () => {},
  }
  return {
    collapse: new Collapse(host),
    notes,
    tell: (outcome: Outcome) => {
      for (const each of told) each.over(outcome)
    },
  }
}

const stored = { kind: 'stored', variant: '', detail: undefined } as Shared
const broken = new EdgeError('origin-refused', 'no', { source: 'origin', status: 502 })

class Noting implements Follower {
  readonly notes: string[] = []
  onRetry = () => {}

  share(shared: Shared): void {
    this.notes.push(`share ${shared.kind}`)
  }

  release(): void {
    this.notes.push('release')
  }

  look(): void {
    this.notes.push('look')
  }

  retry(error: EdgeError): void {
    this.notes.push(`retry ${error.code}`)
    this.onRetry()
  }
}

function led(collapse: Collapse, key = 'k', of = site): Flight {
  const flight = collapse.lead(key, of)
  if (flight === undefined) throw new Error(`${key} cannot be led`)
  return flight
}

t.test('lead() is for the first of a key, until it ends', async t => {
  const collapse = new Collapse()
  const flight = led(collapse)
  t.equal(collapse.lead('k', site), undefined)
  t.equal(collapse.find('k', site), flight)
  t.ok(collapse.lead('other', site))
  flight.end()
  flight.end()
  t.equal(collapse.find('k', site), undefined)
  t.ok(collapse.lead('k', site))
})

t.test('find() does not mix two states of a site', async t => {
  const collapse = new Collapse()
  led(collapse)
  t.equal(collapse.find('k', siteOf()), undefined)
})

t.test('share() reaches who waits and who comes until the end', async t => {
  const flight = led(new Collapse())
  const [early, gone, late] = [new Noting(), new Noting(), new Noting()]
  t.ok(flight.join(early))
  t.ok(flight.join(gone))
  flight.leave(gone)
  flight.share(stored)
  t.ok(flight.join(late))
  flight.end()
  t.notOk(flight.join(new Noting()))
  t.strictSame([early.notes, gone.notes, late.notes], [['share stored'], [], ['share stored']])
})

t.test('release() frees all at once and remembers the key for a while', async t => {
  const collapse = new Collapse()
  const short = siteOf({ cache: { unsharedMs: '1h' } })
  const flight = led(collapse, 'k', short)
  const followers = [new Noting(), new Noting()]
  for (const follower of followers) flight.join(follower)
  flight.release(true)
  for (const { notes } of followers) t.strictSame(notes, ['release'])
  t.equal(collapse.lead('k', short), undefined, 'the next herd is not serialised')
  t.equal(collapse.find('k', short), undefined)
  t.ok(collapse.lead('another', short))
})

t.test('release() of what only came late is not remembered', async t => {
  const collapse = new Collapse()
  const flight = led(collapse)
  const follower = new Noting()
  flight.join(follower)
  flight.release(false)
  t.strictSame(follower.notes, ['release'])
  t.ok(collapse.lead('k', site))
})

t.test('lead() takes over from the site as it was before a reload', async t => {
  const collapse = new Collapse()
  const before = led(collapse)
  const now = siteOf()
  const flight = led(collapse, 'k', now)
  before.end()
  t.equal(collapse.find('k', now), flight)
})

t.test('release() is forgotten after unsharedMs, and the oldest of many before that', async t => {
  const collapse = new Collapse()
  const forgetful = siteOf({ cache: { unsharedMs: '0ms' } })
  led(collapse, 'k', forgetful).release(true)
  t.ok(collapse.lead('k', forgetful))
  for (let i = 0; i <= 10_000; i += 1) led(collapse, `key ${i}`).release(true)
  t.ok(collapse.lead('key 0', site))
  t.equal(collapse.lead('key 1', site), undefined)
})

t.test('fail() lets the first who waits lead, and the others follow it', async t => {
  const collapse = new Collapse()
  const flight = led(collapse)
  const [first, second] = [new Noting(), new Noting()]
  let next: Flight | undefined
  first.onRetry = () => {
    next = collapse.lead('k', site)
  }
  second.onRetry = () => {
    t.equal(collapse.find('k', site), next)
    t.ok(next?.join(second))
  }
  flight.join(first)
  flight.join(second)
  flight.fail(broken)
  t.ok(next)
  next?.share(stored)
  t.strictSame(first.notes, ['retry origin-refused'])
  t.strictSame(second.notes, ['retry origin-refused', 'share stored'])
})

t.test('join() takes no more than followersMax', async t => {
  const flight = led(new Collapse(), 'k', siteOf({ cache: { followersMax: 1 } }))
  t.ok(flight.join(new Noting()))
  t.notOk(flight.join(new Noting()))
})

t.test('lead() claims the key for the host, and tells it once what came of it', async t => {
  const ways: [string, (flight: Flight) => void, string][] = [
    ['stored', flight => flight.end(), 'end undefined'],
    ['failed', flight => flight.fail(broken), 'end undefined'],
    ['not for all', flight => flight.release(true), `end ${site.config.cache.unsharedMs}`],
    ['too large', flight => flight.outgrow(), `end ${site.config.cache.unsharedMs}`],
  ]
  for (const [row, way, said] of ways) {
    const { collapse, notes } = hostOf('lead')
    t.ok(collapse.isWide)
    const flight = led(collapse)
    t.notOk(flight.isElsewhere)
    t.equal(collapse.lead('k', site), undefined, 'asked of the host once')
    way(flight)
    t.strictSame(notes.slice(0, 2), ['claim k true', said], row)
  }
})

t.test('lead() of what the host has no turn for is alone', async t => {
  const { collapse, notes } = hostOf('alone')
  t.equal(collapse.lead('k', site), undefined)
  t.strictSame([collapse.find('k', site), notes.length], [undefined, 1])
})

t.test('lead() of what another worker fetches: its followers look, or ask, when it is over', async t => {
  const outcomes: [Outcome, string][] = [
    ['over', 'look'],
    ['unshared', 'release'],
  ]
  for (const [outcome, noted] of outcomes) {
    const { collapse, notes, tell } = hostOf('elsewhere')
    const flight = led(collapse)
    t.ok(flight.isElsewhere)
    t.equal(collapse.find('k', site), flight)
    const followers = [new Noting(), new Noting()]
    for (const follower of followers) t.ok(flight.join(follower))
    tell(outcome)
    for (const follower of followers) t.strictSame(follower.notes, [noted])
    t.equal(collapse.find('k', site), undefined)
    t.notOk(flight.join(new Noting()))
    t.strictSame(notes, ['claim k true'], 'it is not ours to end')
  }
})

t.test('retire() is for all workers', async t => {
  const { collapse, notes } = hostOf('elsewhere')
  led(collapse)
  collapse.retire('k')
  collapse.retire('k')
  t.equal(collapse.find('k', site), undefined)
  t.strictSame(notes, ['claim k true', 'retire'])
})
