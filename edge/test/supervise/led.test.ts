// The edge as control leads it, without processes: what is done before there are workers, in between, and after.
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { PurgeRule } from '../../cache/purges/rule.js'
import { EdgeError } from '../../error.js'
import { Led } from '../../supervise/led.js'
import { loadText } from '../../supervise/load.js'
import type { Status } from '../../supervise/status.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { settingsUnder } from '../support/supervise-config.js'

const site = (name: string, more = {}) => ({
  name,
  hosts: [`${name}.example`],
  origins: ['http://127.0.0.1:9'],
  ...more,
})

function loadedOf(t: Test, sites: unknown[] = [], more = {}) {
  const directory = t.testdir({ token: 'nce_a_b' })
  const control = { url: `unix:${directory}/none.sock`, tokenFile: `${directory}/token` }
  const text = JSON.stringify({
    ...settingsUnder(directory),
    sites: undefined,
    control,
    controlWaitMs: 20,
    ...more,
  })
  const loaded = loadText(text, false, sites)
  if (!loaded.ok) throw new Error(loaded.problems.join())
  return loaded
}

function sceneOf(t: Test, loaded = loadedOf(t)) {
  const done: string[] = []
  const lines: string[] = []
  const given = { fails: undefined as EdgeError | undefined, refuses: [] as string[] }
  const keeper = {
    start: () => void done.push('keeper starts'),
    stop: async () => void done.push('keeper stops'),
    purge: async (rules: readonly PurgeRule[]) => {
      if (given.fails !== undefined) throw given.fails
      done.push(`purge ${rules.map(({ kind, isSoft }) => `${kind}${isSoft ? ' softly' : ''}`).join()}`)
      return done.length
    },
    countPurged: async () => {
      if (given.fails !== undefined) throw given.fails
      return { entries: 1, scanned: 2, isComplete: true }
    },
  }
  const log = pino({}, { write: line => void lines.push(JSON.parse(line).msg) })
  const led: Led = new Led({
    ...{ quiet: false, version: '1', log, keeper },
    declared: () => loaded,
    adopt: async sites => {
      done.push(`adopt ${sites.length}`)
      return given.refuses
    },
    tap: () => {},
    status: async () =>
      ({ uptimeMs: 1, workers: [], cache: {}, counters: {}, origins: [] }) as unknown as Status,
    missing: () => led.missing(),
  })
  t.teardown(() => led.stop())
  return { led, done, lines, given, loaded }
}

t.test('with sites of its own nobody leads it', async t => {
  const loaded = {
    ...loadedOf(t),
    config: { ...loadedOf(t).config, control: undefined },
  } as unknown as ReturnType<typeof loadedOf>
  const { led } = sceneOf(t, loaded)
  t.equal(await led.start(loaded), loaded)
  t.strictSame([led.status(), led.missing(), led.sites], [null, [], undefined])
})

t.test(
  'it starts with what it has when control is away, and makes stale what is to be validated',
  async t => {
    const sites = [site('a', { cache: { purgeUnknown: 'revalidate' } }), site('b')]
    const { led, done, lines, loaded, given } = sceneOf(t, loadedOf(t, sites))
    t.equal((await led.start(loaded)).config.sites.length, 2)
    t.strictSame(done, ['keeper starts', 'purge site softly', 'keeper stops'])
    t.match(led.status(), { state: 'connecting', purgeUnknown: true })
    t.strictSame(led.missing(), ['control has not sent any sites yet'])
    t.strictSame(lines, [], 'nothing is said before it is ready')

    // What comes before there are workers waits for them.
    const served = led.serve([site('c')])
    t.equal(await led.health(), undefined)
    led.run()
    t.strictSame(await served, [])
    t.ok(lines.includes('control is away: the edge starts with what it was told last'))
    t.equal(done.at(-1), 'adopt 1')
    t.strictSame([led.sites, led.missing()], [[site('c')], []])
    t.match(await led.health(), { ready: true })
    given.refuses = ['worker 0: no']
    t.strictSame(await led.serve([site('d')]), ['worker 0: no'])
    t.strictSame(led.sites, [site('c')])
  },
)

t.test('purges: what is wrong is refused, what cannot be now will pass', async t => {
  const { led, done, loaded, given } = sceneOf(t, loadedOf(t, [site('a')]))
  await led.start(loaded)
  led.run()
  t.match(await led.purge({ kind: 'site', site: 'a', soft: true }), { sequence: done.length })
  t.match(await led.purge({ kind: 'site', site: 'x' }), {
    reasons: [/^\/site no site has this name/],
    willPass: false,
  })
  t.match(await led.count({ kind: 'site', site: 'a' }), {
    entries: 1,
    scanned: 2,
    complete: true,
    reasons: [],
  })
  t.match(await led.count({ kind: 'site', site: 'x' }), {
    complete: false,
    reasons: [/no site has this name/],
  })
  given.fails = new EdgeError('no-keeper', 'gone', { source: 'edge', status: 503 })
  t.strictSame(await led.purge({ kind: 'all' }), { reasons: ['gone'], willPass: true })
  t.match(await led.count({ kind: 'all' }), { complete: false, reasons: ['gone'] })
  given.fails = new EdgeError('purge-full', 'full', { source: 'edge', status: 507 })
  t.strictSame(await led.purge({ kind: 'all' }), { reasons: ['full'], willPass: false })
})

t.test('who stops obeys no more', async t => {
  const { led, loaded, done } = sceneOf(t)
  await led.start(loaded)
  const waiting = [led.serve([site('a')]), led.purge({ kind: 'all' })]
  await led.stop()
  t.strictSame(await waiting[0], ['the edge is stopping'])
  t.strictSame(await waiting[1], { reasons: ['the edge is stopping'], willPass: true })
  t.strictSame(done, [])
})

t.test('sites of control before there are workers are what it starts with; bad ones are not', async t => {
  const socket = `${runDirectoryOf(t)}/control.sock`
  const sites = [site('a')]
  const server = createServer(({ url }, response) => {
    if (url === '/v1/edge/snapshot')
      return void response.end(JSON.stringify({ epoch: 1, position: 0, revision: 1, sites }))
    if (url!.startsWith('/v1/edge/feed')) {
      response.write('{"type":"hello","epoch":1,"position":0,"revision":1}\n')
      return
    }
    response.writeHead(204).end()
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  // Not below the test's own directory, which is made anew for each edge.
  const directory = runDirectoryOf(t)
  writeFileSync(`${directory}/token`, 'nce_a_b')
  const control = { url: `unix:${socket}`, tokenFile: `${directory}/token` }
  const start = async () => {
    const { led, loaded } = sceneOf(
      t,
      loadedOf(t, [], { control, state: { directory: `${directory}/state` }, controlWaitMs: '20s' }),
    )
    const started = await led.start(loaded)
    await led.stop()
    return { names: started.config.sites.map(({ name }) => name), status: led.status() }
  }
  t.match(await start(), { names: ['a'], status: { revision: 1, refused: null, purgeUnknown: false } })
  sites[0] = site('b', { cache: { heuristic: 1 } })
  t.match((await start()).status, { revision: 1 }, 'nothing is new: its revision is that of before')
  t.strictSame((await start()).names, [])
})

t.test('a directory that cannot be used ends the start', async t => {
  const loaded = loadedOf(t, [], { state: { directory: '/dev/null/state' } })
  const { led } = sceneOf(t, loaded)
  await t.rejects(led.start(loaded), { code: 'directory', message: /^state\.directory: / })
})
