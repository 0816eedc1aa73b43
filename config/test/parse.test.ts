import t from 'tap'
import { formatProblems, type ParseResult, parseConfig, parseConfigValue } from '../parse.js'
import { edgeSettings } from '../settings.js'
import { allDefaults } from './defaults.js'
import { isFrozen, smallest } from './support.js'

t.test('parseConfig() fills every default into the smallest config', async t => {
  t.strictSame(parseConfig(JSON.stringify(smallest)), {
    ok: true,
    config: allDefaults,
  })
})

t.test('parseConfig() keeps what is written, in one form', async t => {
  const result = parseConfigValue({
    listen: [{ address: '::1', port: 0 }],
    workers: 2,
    run: { directory: '/run/naij' },
    sites: [
      { name: 'shop', hosts: ['shop.example'], origins: ['HTTP://Origin.Example:80/'], originHost: 'a:1' },
    ],
  })
  t.match(result, {
    ok: true,
    config: {
      listen: [{ address: '::1', port: 0 }],
      workers: 2,
      admin: { socket: '/run/naij/edge.sock' },
      sites: [{ name: 'shop', origins: [{ url: 'http://origin.example' }], originHost: 'a:1' }],
    },
  })
})

t.test('parseConfig() freezes the config through and through, and leaves alone what it is given', async t => {
  const cache = { query: { drop: ['utm_*'] }, targets: ['cdn-cache-control'], rules: [{ ttlMs: '1s' }] }
  const value = { ...smallest, sites: [{ ...smallest.sites[0], cache }] }
  const result = parseConfigValue(value)
  t.ok(result.ok && isFrozen(result.config))
  t.notOk([cache, cache.query, cache.query.drop, cache.targets, cache.rules].some(Object.isFrozen))
  const again = parseConfigValue(smallest)
  t.ok(again.ok && isFrozen(again.config))
  t.notOk(isFrozen(edgeSettings.properties.sites.items.properties.cache.properties.targets), 'nor the table')
})

t.test('parseConfig() makes a list of one status', async t => {
  const rules = [
    { status: 404, ttlMs: '1m' },
    { status: '5xx', preset: 'never' },
    { status: [200, '3xx'], ttlMs: 0 },
  ]
  const result = parseConfigValue({ ...smallest, sites: [{ ...smallest.sites[0], cache: { rules } }] })
  t.match(result, {
    ok: true,
    config: {
      sites: [
        {
          cache: {
            rules: [
              { status: [404], ttlMs: 60_000 },
              { status: ['5xx'], preset: 'never' },
              { status: [200, '3xx'], ttlMs: 0 },
            ],
          },
        },
      ],
    },
  })
})

t.test('parseConfig() ignores a byte order mark', async t => {
  t.equal(parseConfig(`\uFEFF${JSON.stringify(smallest)}`).ok, true)
})

t.test('parseConfig() refuses a text that is not JSON, is too long, or is no object', async t => {
  const keys =
    'listen, workers, cache, run, state, control, controlWaitMs, admin, log, cdnId, loopMax, drainTimeoutMs, drainQuietMs, '
  const cases: [string, string][] = [
    ['{', 'config: not JSON at line 1 column 2: the text ends, expected a key in double quotes or "}"'],
    [
      '[]',
      `config: a list is not an object, expected an object with ${keys}respawnDelayMaxMs, workerSilentMs, workerReadyMs, limits, optimise, sites`,
    ],
    [' '.repeat(2 ** 25 + 1), 'config: the text has 33554433 characters, expected at most 33554432'],
  ]
  for (const [text, line] of cases) t.equal(lines(parseConfig(text)), line)
})

t.test('parseConfig() reports problems of all kinds together, sorted by path', async t => {
  const result = parseConfigValue({
    lisen: [],
    listen: [{ port: 1 }, { port: 1 }],
    sites: [...Array(11).fill({ hosts: ['a'], origins: [] })],
  })
  const paths = result.ok ? [] : result.problems.map(({ path }) => path)
  t.strictSame(paths.slice(0, 4), ['lisen', 'listen[1]', 'sites[0].origins', 'sites[1].hosts[0]'])
  t.equal(paths.at(-1), 'sites[10].origins')
})

t.test('parseConfig() takes deep nesting where it does not belong', async t => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  const problem = 'listen[0].port: a list is not a port, expected a port from 0 to 65535'
  t.equal(
    lines(parseConfig(`{"listen":[{"port":${deep}}],"sites":[{"hosts":["a"],"origins":["http://a"]}]}`)),
    problem,
  )
})

t.test('parseConfig() reads ten thousand sites, and tells all problems of each', async t => {
  const sites = Array.from({ length: 10_000 }, (_, index) => ({
    hosts: [`s${index}.example`],
    origins: ['http://a'],
  }))
  const text = JSON.stringify({ ...smallest, sites })
  t.equal(parseConfig(text).ok, true)
  const result = parseConfig(text.replaceAll('http://a', 'ftp://a'))
  t.equal(result.ok ? 0 : result.problems.length, 10_000)
})

function lines(result: ParseResult): string {
  return result.ok ? '' : formatProblems(result.problems)
}

t.test(
  'parseConfig() takes the sites from control, if the file says so, and from one place alone',
  async t => {
    const { sites, ...rest } = smallest
    const control = { url: 'unix:/run/control.sock', tokenFile: '/etc/token' }
    const parsed = parseConfig(JSON.stringify({ ...rest, control }), sites)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    t.match(parsed.config, { control: { ...control, silenceMs: 15_000 }, sites: [{ name: '*' }] })
    t.match(parseConfig(JSON.stringify({ ...rest, control })), { ok: true, config: { sites: [] } })
    const linesOf = (value: unknown) => {
      const result = parseConfig(JSON.stringify(value), sites)
      return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)
    }
    t.strictSame(linesOf({ ...smallest, control }), ['sites: stand beside `control`, expected one of them'])
    t.strictSame(linesOf(rest), ['sites: is missing, expected a list of 1 to 10000'])
    t.strictSame(linesOf({ ...rest, sites: [] }), [
      'sites: a list of 0 is too short, expected a list of 1 to 10000',
    ])
    t.strictSame(linesOf({ ...rest, control: {} }).length, 2)
  },
)
