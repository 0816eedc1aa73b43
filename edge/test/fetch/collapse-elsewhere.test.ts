// Fetches that another worker makes, as the table of one worker has them: what a follower is given, and what the host is
// told of a body that comes.
import t from 'tap'
import { Collapse, type Flight, type Follower, type Shared } from '../../fetch/collapse.js'
import type { Offer, Turn, Watcher } from '../../fetch/host-fill.js'
import type { RemoteFill } from '../../fetch/remote-fill.js'
import { siteOf } from '../support/exchange.js'
import { fillOf, headOf } from './support/travel.js'

const site = siteOf()
const ref = { slot: 1, turn: 1 }

function stageOf(kind: Exclude<Turn['kind'], 'alone'>) {
  const notes: string[] = []
  const offers: Offer[] = []
  let watcher: Watcher | undefined
  const collapse = new Collapse({
    claim: () => ({ kind, fill: ref, fence: 0, agoMs: 0 }),
    end: (_, unsharedMs) => void notes.push(`end ${unsharedMs}`),
    isAwaited: () => false,
    retire: () => void notes.push('retire'),
    settle: () => void notes.push('settle'),
    want: () => void notes.push('want'),
    offer: (_, offer) => {
      notes.push('offer')
      offers.push(offer)
    },
    watch: (_, given) => {
      watcher = given
    },
  })
  const flight = collapse.lead('k', site)
  if (flight === undefined) throw new Error('it should have a turn')
  return { collapse, flight, notes, offers, watcher: watcher as Watcher }
}

function followerOf(flight: Flight) {
  const notes: string[] = []
  const shared: Shared[] = []
  const follower: Follower = {
    share: given => {
      notes.push('share')
      shared.push(given)
    },
    release: () => void notes.push('release'),
    retry: () => void notes.push('retry'),
    look: () => void notes.push('look'),
  }
  return { notes, shared, follower, isJoined: flight.join(follower) }
}

/** Of which only this is looked at here. */
function remoteOf(isReadable = true): RemoteFill {
  return { variant: 'v', isReadable, head: headOf } as RemoteFill
}

t.test('begun: who waits shares the body, and who comes until it is over', async t => {
  const { collapse, flight, notes, watcher } = stageOf('elsewhere')
  t.strictSame(notes, [], 'nobody wants to read what nobody follows')
  const [one, other] = [followerOf(flight), followerOf(flight)]
  t.strictSame(notes, ['want', 'want'])
  const fill = remoteOf()
  watcher.begun(fill)
  const late = followerOf(flight)
  for (const { notes, shared, isJoined } of [one, other, late]) {
    t.ok(isJoined)
    t.strictSame(notes, ['share'])
    t.match(shared, [{ kind: 'filling', variant: 'v' }])
    t.equal(shared[0].kind === 'filling' && shared[0].fill, fill)
    t.equal(shared[0].kind === 'filling' && shared[0].head().status, 200)
  }
  t.equal(notes.length, 2, 'it can be read: nothing more to want')
  watcher.over('over')
  t.notOk(followerOf(flight).isJoined)
  t.strictSame(one.notes, ['share'], 'told once')
  t.equal(collapse.find('k', site), undefined)
  t.strictSame(notes, ['want', 'want'], 'it is not ours to offer or to end')
})

t.test('begun: the first that comes is shared, and nothing once it is over', async t => {
  const { flight, watcher } = stageOf('elsewhere')
  const [fill, other] = [remoteOf(), remoteOf()]
  watcher.begun(fill)
  watcher.begun(other)
  const { shared } = followerOf(flight)
  t.equal(shared[0].kind === 'filling' && shared[0].fill, fill)
  const over = stageOf('elsewhere')
  const waiting = followerOf(over.flight)
  over.watcher.over('over')
  over.watcher.begun(fill)
  t.strictSame(waiting.notes, ['look'])
})

t.test('join() of a body that broke is refused', async t => {
  const { flight, watcher } = stageOf('elsewhere')
  watcher.begun(remoteOf(false))
  t.notOk(followerOf(flight).isJoined)
})

t.test('unshared: who reads along goes on, who comes asks', async t => {
  const { collapse, flight, watcher } = stageOf('elsewhere')
  const reading = followerOf(flight)
  watcher.begun(remoteOf())
  watcher.over('unshared')
  t.strictSame(reading.notes, ['share'])
  t.equal(collapse.find('k', site), undefined)
  t.ok(collapse.lead('k', site), 'the key is not remembered here: the host does')
})

t.test('leave(): who left is given nothing', async t => {
  const { flight, watcher } = stageOf('elsewhere')
  const gone = followerOf(flight)
  flight.leave(gone.follower)
  watcher.begun(remoteOf())
  t.strictSame(gone.notes, [])
})

t.test('share() of a fill of our own is offered to the host, once, and nothing else is', async t => {
  const { flight, notes, offers } = stageOf('lead')
  const { fill } = fillOf(undefined)
  flight.share({ kind: 'filling', variant: 'v', head: headOf, fill })
  t.strictSame(notes, ['offer'])
  t.match(offers, [{ variant: 'v' }])
  t.equal(offers[0].fill, fill)
  flight.end()
  flight.end()
  t.strictSame(notes, ['offer', 'end undefined'])
  const stored = stageOf('lead')
  stored.flight.share({ kind: 'stored', variant: '', detail: undefined, entry: headOf() })
  const alone = new Collapse().lead('k', site)
  alone?.share({ kind: 'filling', variant: 'v', head: headOf, fill })
  t.strictSame(stored.notes, ['settle'], 'only has to be written')
})

t.test('outgrow(): other workers are told, who reads here goes on', async t => {
  const { collapse, flight, notes } = stageOf('lead')
  const reading = followerOf(flight)
  const { fill } = fillOf(undefined)
  flight.share({ kind: 'filling', variant: 'v', head: headOf, fill })
  flight.outgrow()
  t.strictSame(notes, ['offer', `end ${site.config.cache.unsharedMs}`])
  t.strictSame(reading.notes, ['share'])
  t.equal(collapse.find('k', site), flight, 'until its end')
  fill.discard()
  t.notOk(followerOf(flight).isJoined)
})

t.test('a site as it is after a reload has a flight of its own', async t => {
  const { collapse, flight } = stageOf('elsewhere')
  const reloaded = siteOf()
  const next = collapse.lead('k', reloaded)
  t.not(next, flight)
  t.equal(collapse.find('k', reloaded), next)
  t.equal(collapse.find('k', site), undefined)
})
