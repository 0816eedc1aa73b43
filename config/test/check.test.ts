import { Ajv } from 'ajv'
import t from 'tap'
import { formatProblems, parseConfigValue } from '../parse.js'
import { edgeSettings } from '../settings.js'
import { smallest } from './support.js'

/** Each row is put beside the smallest config and has exactly these problems. */
const cases: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
  [{ workers: 0 }, ['workers: 0 is too small, expected "auto" or a whole number from 1 to 256']],
  [{ workers: 257 }, ['workers: 257 is too large, expected "auto" or a whole number from 1 to 256']],
  [{ workers: 'all' }, ['workers: "all" is not a count, expected "auto" or a whole number from 1 to 256']],
  [{ loopMax: 1.5 }, ['loopMax: 1.5 is not a count, expected a whole number from 1 to 100']],
  [{ loopMax: '3' }, ['loopMax: "3" is not a count, expected a whole number from 1 to 100']],
  [
    { cache: { bytesMax: '1KiB', objectBytesMax: '2 potatoes' } },
    [
      'cache.bytesMax: "1KiB" is too small, expected bytes or a size such as "64KiB", from 16MiB to 64TiB',
      'cache.objectBytesMax: "2 potatoes" is not a size, expected bytes or a size such as "64KiB", from 1KiB to 4GiB',
    ],
  ],
  [
    { drainTimeoutMs: '2h' },
    ['drainTimeoutMs: "2h" is too large, expected milliseconds or a time such as "30s", from 0ms to 1h'],
  ],
  [
    { drainTimeoutMs: Number.POSITIVE_INFINITY },
    ['drainTimeoutMs: Infinity is not a time, expected milliseconds or a time such as "30s", from 0ms to 1h'],
  ],
  [
    { cache: { directory: '' } },
    ['cache.directory: "" is not a path, expected 1 to 4095 bytes without a zero byte'],
  ],
  [
    { log: { level: 'loud', access: true } },
    [
      'log.access: true is not a known word, expected "json" or "off"',
      'log.level: "loud" is not a known word, expected "debug", "info", "warn" or "error"',
    ],
  ],
  [
    { log: null },
    [
      'log: null is not an object, expected an object with level, access, accessEvery, clientAddress, query, bufferBytesMax',
    ],
  ],
  [{ run: [] }, ['run: a list is not an object, expected an object with directory']],
  [
    { listen: [{ prot: 1 }, { port: 1, tsl: {} }] },
    [
      'listen[0].port: is missing, expected a port from 0 to 65535',
      'listen[0].prot: is not a setting, expected "port"',
      'listen[1].tsl: is not a setting, expected one of address, port, engine, tls, proxyFrom, connectionsMax, connectionsPerAddressMax, headMs, idleMs, streamsMax, resetsPerMinuteMax, chunkedUploads',
    ],
  ],
  [
    { listen: [{ port: 70_000 }, { port: '80' }] },
    [
      'listen[0].port: 70000 is too large, expected a port from 0 to 65535',
      'listen[1].port: "80" is not a port, expected a port from 0 to 65535',
    ],
  ],
  [{ listen: [] }, ['listen: a list of 0 is too short, expected a list of 1 to 64']],
  [{ listen: {} }, ['listen: an object is not a list, expected a list of 1 to 64']],
  [{ listen: undefined }, ['listen: is missing, expected a list of 1 to 64']],
  [{ '': 1, 'a b': 2 }, [unknownAtTop('[""]'), unknownAtTop('["a b"]')]],
  [{ plugins: {} }, [unknownAtTop('plugins')]],
]

function unknownAtTop(path: string): string {
  return (
    `${path}: is not a setting, expected one of listen, workers, cache, run, state, control, controlWaitMs, admin, log, cdnId, loopMax, ` +
    'drainTimeoutMs, drainQuietMs, respawnDelayMaxMs, workerSilentMs, workerReadyMs, limits, optimise, sites'
  )
}

for (const [more, problems] of cases) {
  t.test(`check() on ${JSON.stringify(more)}`, async t => {
    t.strictSame(problemLines({ ...smallest, ...more }), problems)
  })
}

const anOrigin = 'expected an http:// or https:// URL without path'
const sites: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
  [{ origins: ['http://a', 'ftp://x'] }, [`sites[0].origins[1]: "ftp://x" is not an origin, ${anOrigin}`]],
  [
    { origins: [{ url: 'http://a/b' }] },
    [`sites[0].origins[0].url: "http://a/b" is not an origin, ${anOrigin}`],
  ],
  [{ origins: [{}] }, [`sites[0].origins[0].url: is missing, ${anOrigin}`]],
  [{ origins: [5] }, [`sites[0].origins[0]: 5 is not an origin, ${anOrigin}, or {"url": ...}`]],
  [
    { origins: [{ url: 'http://a', wait: 1 }] },
    ['sites[0].origins[0].wait: is not a setting, expected one of url, weight, backup'],
  ],
  [
    { origins: Array.from({ length: 65 }, (_, at) => `http://a${at}`) },
    ['sites[0].origins: a list of 65 is too long, expected a list of 1 to 64'],
  ],
  [
    { forwardedFor: 'keep' },
    ['sites[0].forwardedFor: "keep" is not a known word, expected "replace" or "append"'],
  ],
  [{ cache: { heuristic: 1 } }, ['sites[0].cache.heuristic: 1 is not a switch, expected true or false']],
  [
    { hosts: ['Shop.example'] },
    [
      'sites[0].hosts[0]: "Shop.example" is not a host, expected a lower-case name without port such as ' +
        '"shop.example", a wildcard "*.shop.example", or "*"',
    ],
  ],
  [{ timeouts: { conectMs: 1 } }, ['sites[0].timeouts.conectMs: is not a setting, expected "connectMs"']],
]

const aStatus = 'expected a status from 200 to 599 or a class such as "4xx"'
const aQuery =
  'expected "asIs", "sort", "none", {"keep": [...]} or {"drop": [...]} with 1 to 64 names of parameters such as ' +
  '"page" or "utm_*"'
const wrongCaches: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
  [{ query: 'Sort' }, [`query: "Sort" is not a query policy, ${aQuery}`]],
  [{ query: { keep: ['a'], drop: ['b'] } }, [`query: an object is not a query policy, ${aQuery}`]],
  [{ query: null }, [`query: null is not a query policy, ${aQuery}`]],
  [{ rules: {} }, ['rules: an object is not a list, expected a list of 0 to 256']],
  [
    { rules: [5, { ttl: 1, preset: 'api' }] },
    [
      'rules[0]: 5 is not an object, expected an object with path, type, status, preset, ttlMs, ' +
        'staleWhileRevalidateMs, staleIfErrorMs',
      'rules[1].ttl: is not a setting, expected one of path, type, status, preset, ttlMs, ' +
        'staleWhileRevalidateMs, staleIfErrorMs',
    ],
  ],
  [
    { rules: [{ ttlMs: '1x' }, { preset: 'smart' }] },
    [
      'rules[0].ttlMs: "1x" is not a time, expected milliseconds or a time such as "30s", from 0ms to 3650d',
      'rules[1].preset: "smart" is not a known word, expected "fingerprinted", "images", "fonts", "html", "api", ' +
        '"never" or "origin"',
    ],
  ],
  [
    { rules: [{ path: 'x', type: 'Image/*', ttlMs: 0 }] },
    [
      'rules[0].path: "x" is not a path pattern, expected a path in ASCII without query, `*` for any characters, ' +
        'such as "/assets/*" or "*.js"',
      'rules[0].type: "Image/*" is not a content type pattern, expected a lower-case content type without ' +
        'parameters, `*` for any characters, such as "image/*" or "text/html"',
    ],
  ],
  [
    {
      rules: [199, '6xx', null, {}, [], [200, 600], ['9xx']].map(status => ({ status, ttlMs: 0 })),
    },
    [
      `rules[0].status: 199 is too small, ${aStatus}`,
      `rules[1].status: "6xx" is not a status, ${aStatus}`,
      `rules[2].status: null is not a status, ${aStatus}`,
      `rules[3].status: an object is not a status, ${aStatus}, or a list of 1 to 16`,
      `rules[4].status: a list of 0 is too short, ${aStatus}, or a list of 1 to 16`,
      `rules[5].status[1]: 600 is too large, ${aStatus}`,
      `rules[6].status[0]: "9xx" is not a status, ${aStatus}`,
    ],
  ],
  [
    { targets: ['cache-control'] },
    [
      'targets[0]: "cache-control" is not a targeted field, expected a lower-case field name that ends in ' +
        '"-cache-control", such as "cdn-cache-control"',
    ],
  ],
]

for (const [cache, problems] of wrongCaches) {
  t.test(`check() on a site's cache with ${JSON.stringify(cache).slice(0, 60)}`, async t => {
    const lines = problemLines({ ...smallest, sites: [{ ...smallest.sites[0], cache }] })
    t.strictSame(
      lines,
      problems.map(line => `sites[0].cache.${line}`),
    )
  })
}

for (const [more, problems] of sites) {
  t.test(`check() on a site with ${JSON.stringify(more).slice(0, 60)}`, async t => {
    t.strictSame(problemLines({ ...smallest, sites: [{ ...smallest.sites[0], ...more }] }), problems)
  })
}

function problemLines(value: unknown): string[] {
  const result = parseConfigValue(value)
  return result.ok ? [] : formatProblems(result.problems).split('\n')
}

t.test('the table is a schema (it is taken for one at each start)', async t => {
  const ajv = new Ajv()
  t.ok(ajv.validateSchema(edgeSettings), ajv.errorsText())
})
