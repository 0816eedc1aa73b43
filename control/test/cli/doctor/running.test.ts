import t from 'tap'
import { parseConfigValue } from '../../../../config/parse.js'
import type { Status } from '../../../cli/doctor/admin.js'
import { judgeDrift, judgePurges, judgeRunning } from '../../../cli/doctor/running.js'
import { soundDigest as digest, soundStatus } from '../../support/running.js'

const keeper = soundStatus().keeper
const worker = soundStatus().workers[0]!
const origin = soundStatus().origins[0]!
const control = {
  url: 'https://control.example',
  state: 'connected',
  sinceMs: 1_000,
  heardAgoMs: 100,
  why: null,
  revision: 7,
  refused: null,
  purgeUnknown: false,
}

function troubles(status: Status, missing: string[] = []) {
  return judgeRunning({ socket: '/s', read: { status, missing }, version: '1.2.3' })
    .filter(({ level }) => level !== 'ok')
    .map(({ check, level, found }) => `${level} ${check}: ${found}`)
}

t.test('judgeRunning() finds nothing at a sound edge', async t => {
  t.strictSame(troubles(soundStatus()), [])
  t.strictSame(troubles(soundStatus({ control })), [])
})

t.test('judgeRunning() says when it does not answer', async t => {
  const found = judgeRunning({ socket: '/s', read: new Error('ENOENT'), version: '1' })
  t.match(found, [{ check: 'edge.ready', level: 'warn', found: 'does not answer on /s: ENOENT' }])
})

t.test('judgeRunning() finds what is not as it should be', async t => {
  const cases: [Partial<Status>, RegExp][] = [
    [{ workers: [worker, { ...worker, slot: 1, state: 'starting' }] }, /^bad edge\.workers: 1 of 2 ready/],
    [{ workerDeaths: 2 }, /^warn edge\.workers: 2 of 2 ready, 2 died/],
    [{ version: '1.2.2' }, /^warn edge\.version: 1\.2\.2 runs, 1\.2\.3 is installed/],
    [{ keeper: { ...keeper, state: 'absent', why: 'no addon' } }, /^warn edge\.keeper: absent: no addon/],
    [{ keeper: { ...keeper, state: 'absent' } }, /^warn edge\.keeper: absent, /],
    [{ keeper: { ...keeper, state: 'waiting' } }, /^warn edge\.keeper: waiting/],
    [{ keeper: { ...keeper, deaths: 1 } }, /^warn edge\.keeper: keeping, 1 died/],
    [{ keeper: { ...keeper, reportAgeMs: 60_000 } }, /^bad edge\.keeper: .*said nothing for 60 s/],
    [{ configReloadFailures: 1 }, /^warn edge\.reloads: 1 refused/],
    [
      { origins: [origin, { ...origin, url: 'http://b', state: 'down', reason: 'status-500' }] },
      /^warn edge\.origins: 1 of 2: http:\/\/b of shop down \(status-500\)/,
    ],
    [
      { control: { ...control, state: 'connecting', heardAgoMs: null, why: 'ECONNREFUSED' } },
      /^bad control\.link: .*never heard, revision 7: ECONNREFUSED/,
    ],
    [
      { control: { ...control, refused: { revision: 8, reasons: ['no such file'] } } },
      /^bad control\.sites: revision 8 is refused: no such file/,
    ],
    [{ control: { ...control, purgeUnknown: true } }, /^warn control\.purges: not heard yet/],
  ]
  for (const [other, expected] of cases) {
    const found = troubles(soundStatus(other))
    t.equal(found.length, 1, String(expected))
    t.match(found[0], expected)
  }
  t.match(troubles(soundStatus(), ['worker 1 is starting']), [/^bad edge\.ready: .*worker 1 is starting/])
})

t.test('judgePurges() warns at half of what may be in force', async t => {
  t.match(judgePurges(soundStatus(), 6), [{ level: 'ok' }])
  t.match(judgePurges(soundStatus(), 5), [{ level: 'warn', found: '3 in force, of 5' }])
  t.strictSame(judgePurges(soundStatus({ keeper: { ...keeper, purges: null } }), 5), [])
})

function configOf(other: Record<string, unknown> = {}) {
  const sites = [{ name: 'shop', hosts: ['*'], origins: ['http://a.example'] }]
  const parsed = parseConfigValue({ listen: [{ port: 8080 }], workers: 2, sites, ...other })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}

t.test('judgeDrift() compares what can be seen', async t => {
  const sites = [{ name: 'shop', hosts: ['*'], origins: ['http://b.example'] }]
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ listen: [{ port: 81 }] }, /listen on 8080, not 81$/],
    [{ workers: 3 }, /2 workers$/],
    [{ cache: { bytesMax: '2GiB' } }, /cache\.bytesMax 1073741824$/],
    [{ sites }, /without origin http:\/\/b\.example of shop, weight 1, with origin http:\/\/a\.example/],
  ]
  for (const [other, found] of cases)
    t.match(judgeDrift(soundStatus(), configOf(other), digest), { level: 'warn', found })
  t.match(judgeDrift(soundStatus(), configOf({ listen: [{ port: 0 }] }), digest), { level: 'ok' })
})

t.test('judgeDrift() then goes by the digest of the file', async t => {
  t.match(judgeDrift(soundStatus(), configOf(), digest), { level: 'ok', found: 'the file is what runs' })
  t.match(judgeDrift(soundStatus(), configOf(), 'another'), {
    level: 'warn',
    found: /written since it was read/,
  })
  const { configDigest: _, ...older } = soundStatus()
  t.match(judgeDrift(older, configOf(), digest), { level: 'note', found: /older edge/ })
})

t.test('judgeDrift() leaves sites of control alone', async t => {
  const led = { url: 'unix:/run/c.sock', tokenFile: '/t' }
  const config = configOf({ sites: undefined, control: led })
  t.match(judgeDrift(soundStatus({ control }), config, digest), { level: 'ok' })
})
