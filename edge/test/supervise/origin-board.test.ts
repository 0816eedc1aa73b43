import t from 'tap'
import { parseConfigValue } from '../../../config/parse.js'
import { goodState, hostNowMs, type OriginWord } from '../../fetch/origin-health.js'
import { OriginBoard } from '../../supervise/origin-board.js'
import { until } from '../support/supervise-until.js'

const url = 'http://127.0.0.1:1'

function sitesOf(...origins: unknown[]) {
  const site = { name: 'shop', hosts: ['*'], origins, ejection: { slowStartMs: '1m' } }
  const parsed = parseConfigValue({ listen: [{ port: 0 }], sites: [site] })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config.sites
}

function boardOf(...origins: unknown[]) {
  const told: OriginWord[] = []
  const logged: string[] = []
  const note = (details: { origin: string; code?: string }, message: string) =>
    void logged.push([message, details.origin, details.code].filter(Boolean).join(', '))
  const board = new OriginBoard({ info: note, warn: note } as never, words => void told.push(...words))
  board.follow(sitesOf(...origins))
  return { board, told, logged }
}

const ejectedFor = (forMs: number): OriginWord => ({
  site: 'shop',
  url,
  state: { ...goodState, ejectedUntilMs: hostNowMs() + forMs, ejections: 1 },
})

t.test('an ejection is logged once and told to all, and its end is logged', async t => {
  const { board, told, logged } = boardOf(url, 'http://127.0.0.1:2')
  t.strictSame(board.words(), [])
  board.ejected(ejectedFor(50), 'connect-refused')
  board.ejected(ejectedFor(60), 'connect-refused')
  t.strictSame(logged, [`an origin is left out, ${url}, connect-refused`])
  t.equal(told.length, 1)
  t.strictSame(board.words(), told)
  t.match(board.view(), [
    { site: 'shop', url, state: 'ejected', reason: 'connect-refused', since: /Z$/ },
    { state: 'good', reason: null, since: null },
  ])
  await until(() => (logged.length === 2 ? true : undefined))
  t.equal(logged[1], `an origin is asked again, ${url}`)
  t.match(board.view(), [{ state: 'returning', reason: 'connect-refused' }, {}])
  board.stop()
})

t.test('what checks say is logged and told when it changes', async t => {
  const { board, told, logged } = boardOf(url)
  board.checked('shop', url, true, '')
  board.checked('shop', url, false, 'status-500')
  board.checked('shop', url, false, 'status-500')
  t.match(board.view(), [{ state: 'down', reason: 'status-500' }])
  board.checked('shop', url, true, '')
  t.match(board.view(), [{ state: 'returning', reason: 'status-500' }])
  t.strictSame(logged, [`an origin is down, ${url}, status-500`, `an origin is up, ${url}`])
  t.strictSame(
    told.map(({ state }) => state.isDown),
    [true, false],
  )
})

t.test('follow() keeps what is known of those that stay, and forgets the others', async t => {
  const { board, told } = boardOf(url, 'http://127.0.0.1:2')
  board.ejected(ejectedFor(60_000), 'origin-reset')
  board.follow(sitesOf({ url, weight: 3 }, { url: 'http://127.0.0.1:3', backup: true }))
  t.match(board.view(), [
    { url, weight: 3, state: 'ejected' },
    { url: 'http://127.0.0.1:3', backup: true, state: 'good' },
  ])
  board.follow(sitesOf('http://127.0.0.1:3'))
  t.strictSame(board.words(), [])
  board.ejected(ejectedFor(60_000), 'origin-reset')
  board.checked('shop', url, false, 'status-500')
  t.equal(told.length, 1, 'nobody hears of one that is not there any more')
  board.stop()
  t.strictSame(board.view(), [])
})
