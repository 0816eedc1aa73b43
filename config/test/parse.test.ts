import t from 'tap'
import { formatProblems, type ParseResult, parseConfig, parseConfigValue } from '../parse.js'
import { edgeSettings } from '../settings.js'
import { isFrozen, smallest } from './support.js'

t.test('parseConfig() fills every default into the smallest config', async t => {
  t.strictSame(parseConfig(JSON.stringify(smallest)), {
    ok: true,
    config: {
      listen: [
        {
          port: 8080,
          tls: { certificates: [] },
          proxyFrom: [],
          connectionsMax: 20_000,
          chunkedUploads: 'close',
        },
      ],
      workers: 'auto',
      cache: {
        directory: './var/cache',
        bytesMax: 2 ** 30,
        objectBytesMax: 2 ** 30,
        hotBytesMax: 2 ** 26,
        fillBytesMax: 2 ** 26,
        sliceBytes: 1024 ** 2,
        evictedReadMaxMs: 60_000,
      },
      run: { directory: './var/run' },
      admin: { socket: './var/run/edge.sock' },
      log: { level: 'info', access: 'json', bufferBytesMax: 2 ** 20 },
      cdnId: 'naij',
      loopMax: 3,
      drainTimeoutMs: 30_000,
      drainQuietMs: 1000,
      respawnDelayMaxMs: 10_000,
      workerReadyMs: 20_000,
      limits: {
        headBytesMax: 16_384,
        targetBytesMax: 8192,
        bodyBytesMax: 2 ** 30,
        uploadBytesPerSecondMin: 500,
        uploadMemoryBytesMax: 2 ** 20,
        spoolBytesMax: 2 ** 32,
        stalledBytesMax: 2 ** 28,
        diskReadsMax: 64,
        purgeRulesMax: 100_000,
        purgePrefixesMax: 1_000,
        purgeItemsMax: 1_000,
        dryRunMs: 1_000,
        loopLagMaxMs: 250,
        residentBytesMax: 8 * 2 ** 30,
        exchangesMax: 20_000,
        webSocketsMax: 10_000,
        webSocketMessageBytesMax: 1_048_576,
        webSocketBufferBytesMax: 262_144,
      },
      optimise: {
        threads: 'auto',
        queueMax: 1_000,
        siteQueueMax: 250,
        jobMs: 30_000,
        decodedBytesMax: 2 ** 26,
        inlineBytesMax: 32_768,
        inlineMsMax: 100,
        upgradeAfter: 8,
      },
      sites: [
        {
          name: '*',
          hosts: ['*'],
          origins: [{ url: 'http://127.0.0.1:9000', weight: 1, backup: false }],
          balance: 'roundRobin',
          originHostPolicy: 'client',
          originTls: {},
          dnsTtlMs: 30_000,
          forwardedFor: 'replace',
          originConnectionsMax: 256,
          originPendingMax: 1024,
          timeouts: {
            connectMs: 3000,
            firstByteMs: 30_000,
            betweenBytesMs: 30_000,
            idleMs: 60_000,
            totalMs: 600_000,
          },
          healthCheck: {
            statuses: ['2xx', '3xx'],
            intervalMs: 5000,
            timeoutMs: 2000,
            goodAfter: 2,
            downAfter: 3,
          },
          ejection: {
            failures: 5,
            errorPercent: 50,
            windowMs: 10_000,
            requestsMin: 20,
            statuses: [502, 503, 504],
            ejectMs: 10_000,
            ejectMaxMs: 300_000,
            slowStartMs: 10_000,
          },
          retries: { triesMax: 3, budgetPercent: 20, budgetMin: 10, statuses: [502, 503, 504] },
          webSocket: { pass: true, idleMs: 300_000, closeMs: 5_000 },
          https: { redirect: 'off', port: 443, hstsMs: 0, hstsSubdomains: false, hstsPreload: false },
          cache: {
            storeSetCookie: false,
            heuristic: true,
            heuristicMaxMs: 86_400_000,
            negativeMaxMs: 10_000,
            staleMaxMs: 86_400_000,
            refreshFailMs: 5000,
            allowUnknownTransferCoding: false,
            honourClientDirectives: false,
            collapse: true,
            collapseWaitMs: 10_000,
            followersMax: 10_000,
            unsharedMs: 10_000,
            preset: 'origin',
            rules: [],
            query: 'asIs',
            dropFields: [
              'x-original-url',
              'x-rewrite-url',
              'x-http-destinationurl',
              'x-host',
              'x-original-host',
              'x-http-host-override',
              'x-http-method',
              'x-http-method-override',
              'x-method-override',
            ],
            keyFields: [],
            variantsMax: 16,
            targets: ['cdn-cache-control'],
            surrogateControl: false,
            stripTargeted: false,
            keepTags: false,
            bytesMin: 0,
            admitAfter: 2,
            slices: true,
            rangesMax: 10,
          },
          optimise: {
            compress: true,
            codings: ['br', 'zstd', 'gzip'],
            compressTypes: [
              'text/*',
              'application/javascript',
              'application/json',
              'application/manifest+json',
              'application/wasm',
              'application/xml',
              'application/x-javascript',
              'application/*+json',
              'application/*+xml',
              'application/vnd.ms-fontobject',
              'font/otf',
              'font/ttf',
              'image/bmp',
              'image/svg+xml',
              'image/vnd.microsoft.icon',
              'image/x-icon',
            ],
            compressBytesMin: 1_024,
            compressBytesMax: 10_485_760,
          },
        },
      ],
    },
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
  const keys = 'listen, workers, cache, run, admin, log, cdnId, loopMax, drainTimeoutMs, drainQuietMs, '
  const cases: [string, string][] = [
    ['{', 'config: not JSON at line 1 column 2: the text ends, expected a key in double quotes or "}"'],
    [
      '[]',
      `config: a list is not an object, expected an object with ${keys}respawnDelayMaxMs, workerReadyMs, limits, sites`,
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
