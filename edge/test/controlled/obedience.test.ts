// What an edge does with what it hears, in every order in which that may come and break off.
import t, { type Test } from 'tap'
import type { FeedLine } from '../../controlled/feed-lines.js'
import { type LedEdge, Obedience, type PurgeBody, type RawSite } from '../../controlled/obedience.js'
import { Reports } from '../../controlled/reports.js'
import { EdgeState } from '../../controlled/state.js'

const site = (position: number, name: string, config: RawSite | null = { hosts: [name] }): FeedLine =>
  ({ type: 'site', position, revision: position, name, config }) as FeedLine
const purge = (position: number, item = 'x'): FeedLine => ({
  ...{ type: 'purge', position, id: `p${position}`, kind: 'tag', site: 'a', items: [item], soft: false },
})
const snapshot = (position: number, names: string[], epoch = 1) => ({
  ...{ epoch, position, revision: position, sites: names.map(name => ({ name, hosts: [name] })) },
})

interface Scene {
  obedience: Obedience
  /** What was done, in its order. */
  done: string[]
  lines: unknown[]
  refusals: { serve: string[]; purge: { reasons: string[]; willPass: boolean } | undefined }
  reports: Reports
}

function sceneOf(t: Test, directory = t.testdir()): Scene {
  const done: string[] = []
  const lines: unknown[] = []
  const refusals: Scene['refusals'] = { serve: [], purge: undefined }
  let sequence = 0
  const edge: LedEdge = {
    serve: async sites => {
      if (refusals.serve.length === 0) done.push(`serve ${sites.map(({ name }) => name).join(' ')}`)
      return refusals.serve
    },
    purge: async ({ kind, items = [], soft }: PurgeBody) => {
      if (refusals.purge !== undefined) return refusals.purge
      done.push(['purge', kind, ...items, ...(soft ? ['softly'] : [])].join(' '))
      return { sequence: ++sequence }
    },
    count: async () => ({ entries: 1, scanned: 2, complete: true, reasons: [] }),
    tap: () => {},
    health: async () => undefined,
  }
  const note = (...words: unknown[]) => void lines.push(words.at(-1))
  const reports = new Reports({
    ...{ edge: 'me', receiptsMax: 100, standing: () => undefined, health: async () => undefined },
    send: async () => undefined,
    onFailed: () => {},
  })
  const log = { info: note, warn: note, error: note }
  const obedience = new Obedience({
    state: new EdgeState(directory),
    edge,
    reports,
    tails: { set: () => {} },
    log,
  })
  return { obedience, done, lines, refusals, reports }
}

t.test('the first time it takes the snapshot, and what follows', async t => {
  const directory = t.testdir()
  const { obedience, done } = sceneOf(t, directory)
  t.equal(obedience.needsSnapshot, true)
  t.equal(obedience.standing(), undefined)
  await obedience.take(snapshot(5, ['a', 'b']))
  t.equal(obedience.needsSnapshot, false)
  await obedience.obey([
    { type: 'hello', epoch: 1, position: 8, revision: 8 },
    purge(6),
    purge(7, 'y'),
    site(8, 'b', null),
  ])
  await obedience.obey([{ type: 'beat', position: 8 }, site(9, 'c'), site(10, 'c'), purge(11)])
  t.strictSame(done, ['serve a b', 'purge tag x', 'purge tag y', 'serve a', 'serve a c', 'purge tag x'])
  t.strictSame(obedience.standing(), { epoch: 1, position: 11, revision: 10, refused: null })
  const next = sceneOf(t, directory)
  t.equal(next.obedience.needsSnapshot, false)
  t.strictSame(next.obedience.standing(), { epoch: 1, position: 11, revision: 10, refused: null })
  await next.obedience.obey([site(12, 'd')])
  t.strictSame(next.done, ['serve a c d'], 'it knows what it served')
})

t.test(
  'what it will not serve it refuses: the last good stay, and the next start asks for all of it',
  async t => {
    const directory = t.testdir()
    const { obedience, refusals, done, lines } = sceneOf(t, directory)
    await obedience.take(snapshot(1, ['a']))
    refusals.serve = ['no such file']
    await obedience.obey([site(2, 'b')])
    t.strictSame(obedience.standing(), {
      epoch: 1,
      position: 2,
      revision: 1,
      refused: { revision: 2, reasons: ['no such file'] },
    })
    t.strictSame(lines, ['sites of control were refused: the last good ones stay'])
    const next = sceneOf(t, directory)
    t.equal(next.obedience.needsSnapshot, true)
    refusals.serve = []
    await obedience.obey([site(3, 'c')])
    t.strictSame(done, ['serve a', 'serve a b c'], 'with what was refused, and can be served now')
    t.match(obedience.standing(), { revision: 3, refused: null })
    t.equal(sceneOf(t, directory).obedience.needsSnapshot, false)
  },
)

t.test('by a snapshot no purge is heard: the feed goes on from where it was', async t => {
  const directory = t.testdir()
  const first = sceneOf(t, directory)
  await first.obedience.take(snapshot(1, ['a']))
  first.refusals.serve = ['no']
  await first.obedience.obey([site(2, 'b')])
  const { obedience, done } = sceneOf(t, directory)
  await obedience.take(snapshot(5, ['a', 'c']))
  t.match(obedience.standing(), { position: 2, revision: 5 })
  await obedience.obey([site(3, 'old'), purge(4), site(5, 'c'), site(6, 'd')])
  t.strictSame(
    done,
    ['serve a c', 'purge tag x', 'serve a c d'],
    'older sites than those of the snapshot are not served again',
  )
  t.match(obedience.standing(), { position: 6, revision: 6 })
})

t.test('what may have been missed is purged softly, once', async t => {
  const directory = t.testdir()
  const first = sceneOf(t, directory)
  await first.obedience.take(snapshot(1, ['a']))
  const { obedience, done, lines } = sceneOf(t, directory)
  await obedience.missed()
  t.equal(obedience.needsSnapshot, true)
  await obedience.take(snapshot(900, ['b'], 2))
  t.strictSame(done, ['purge all softly', 'serve b'])
  t.strictSame(lines, ['purges may have been missed: everything stored is purged softly'])
  t.match(obedience.standing(), { epoch: 2, position: 900 })
  t.match(sceneOf(t, directory).obedience.standing(), { epoch: 2, position: 900 })
})

t.test('nor is anything used unvalidated when it is not known what was heard', async t => {
  const directory = t.testdir({ 'sites.json': JSON.stringify({ ...snapshot(3, ['a']), isBehind: false }) })
  const { obedience, done } = sceneOf(t, directory)
  t.equal(obedience.needsSnapshot, true)
  await obedience.take(snapshot(4, ['a']))
  t.strictSame(done, ['purge all softly', 'serve a'])
})

t.test('a purge that has to wait holds up what follows; one that is wrong does not', async t => {
  const { obedience, refusals, done } = sceneOf(t)
  await obedience.take(snapshot(1, ['a']))
  refusals.purge = { reasons: ['no keeper'], willPass: true }
  await t.rejects(obedience.obey([purge(2), site(3, 'b')]), { code: 'purge-waits', message: 'no keeper' })
  await t.rejects(obedience.missed(), { code: 'purge-waits' })
  t.match(obedience.standing(), { position: 1 })
  refusals.purge = { reasons: ['no such site'], willPass: false }
  await obedience.obey([purge(2)])
  t.match(obedience.standing(), { position: 2 })
  t.strictSame(done, ['serve a'])
})

t.test('a disk that keeps nothing is no reason not to obey', async t => {
  const directory = t.testdir()
  const { obedience, done, lines } = sceneOf(t, directory)
  t.testdir({ 'sites.json.new': {}, 'heard.json.new': {} })
  await obedience.take(snapshot(1, ['a']))
  await obedience.obey([purge(2), purge(3)])
  t.strictSame(done, ['serve a', 'purge tag x', 'purge tag x'])
  t.strictSame(lines, ['what control says cannot be kept'])
})

t.test('what is no snapshot is not taken', async t => {
  const { obedience, done } = sceneOf(t)
  for (const value of [undefined, {}, [], { ...snapshot(1, []), sites: [{}] }])
    await t.rejects(obedience.take(value), { code: 'control-broken' })
  t.strictSame(done, [])
})
