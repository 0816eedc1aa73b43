import t from 'tap'
import { derive, fill } from '../fill.js'
import { edgeSettings } from '../settings.js'

t.test('fill() converts quantities and texts that stand for objects', async t => {
  const filled = fill(edgeSettings, {
    cache: { bytesMax: '2GiB' },
    drainTimeoutMs: '5s',
    sites: [{ origins: ['http://a', { url: 'http://b' }], timeouts: { totalMs: '1m' } }],
  })
  t.match(filled, {
    cache: { bytesMax: 2 ** 31, objectBytesMax: 2 ** 30 },
    drainTimeoutMs: 5000,
    sites: [
      { origins: [{ url: 'http://a' }, { url: 'http://b' }], timeouts: { totalMs: 60_000, connectMs: 3000 } },
    ],
  })
})

t.test('fill() keeps what does not fit, for the check to see', async t => {
  const filled = fill(edgeSettings, {
    cache: 5,
    log: { level: 'x', extra: 1 },
    loopMax: '3',
    sites: { a: 1 },
    other: [],
  })
  t.match(filled, {
    cache: 5,
    log: { level: 'x', extra: 1, access: 'json' },
    loopMax: '3',
    sites: { a: 1 },
    other: [],
  })
  for (const value of [undefined, null, 1, 'text', []]) t.strictSame(fill(edgeSettings, value), value)
})

t.test('fill() neither changes what it is given nor follows a key named __proto__', async t => {
  const value: unknown = JSON.parse('{"cache":{},"__proto__":{"loopMax":7}}')
  const before = JSON.stringify(value)
  const filled = fill(edgeSettings, value)
  t.equal(JSON.stringify(value), before)
  t.match(filled, { loopMax: 3 })
  t.ok(Object.hasOwn(filled as object, '__proto__'))
})

t.test('derive() fills run.directory, admin.socket and the names of sites', async t => {
  const cases: [string, string, string][] = [
    ['./var/cache', './var/run', './var/run/edge.sock'],
    ['/srv/cache/', '/srv/run', '/srv/run/edge.sock'],
    ['cache', './run', './run/edge.sock'],
    ['/cache', '/run', '/run/edge.sock'],
  ]
  for (const [directory, runDirectory, socket] of cases) {
    const derived = derive({ cache: { directory }, run: {}, admin: {} })
    t.match(derived, { run: { directory: runDirectory }, admin: { socket } }, directory)
  }
  const sites = [{ hosts: ['a.b', 'c'] }, { hosts: ['[::1]'] }, { name: 'n', hosts: ['d'] }]
  t.match(derive({ sites }), { sites: [{ name: 'a.b' }, { name: '---1-' }, { name: 'n' }] })
})

t.test('derive() keeps what is written and derives nothing from what is wrong', async t => {
  t.match(derive({ cache: { directory: '/c' }, run: { directory: '/r' }, admin: { socket: '/s' } }), {
    run: { directory: '/r' },
    admin: { socket: '/s' },
  })
  const wrong = {
    cache: { directory: '' },
    run: {},
    admin: {},
    sites: [{ hosts: ['A'] }, { hosts: [] }, { hosts: 1 }, 2],
  }
  t.strictSame(derive(structuredClone(wrong)), wrong)
  t.equal(derive(null), null)
})
